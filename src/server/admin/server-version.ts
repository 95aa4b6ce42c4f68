/**
 * Tools read a version out of srvr, stat, mntr and envi and decide by it what they may ask for (kazoo takes the digits at
 * the start of `zookeeper.version`, Telegraf those of `zk_version`, others `([^-]+)-` behind `Zookeeper version: `). So the
 * text begins with the Apache release whose client protocol is spoken here, and names this server behind a dash.
 */
export const SERVER_VERSION = '3.8.0-zktune'
