/** Starts an ensemble of Apache's, says where it is, and stays until it is killed. */
import { startEnsemble } from '../../../src/ensemble/start-ensemble.ts'

const [zookeeperHome = ''] = process.argv.slice(2)
const ensemble = await startEnsemble({ engine: 'apache', zookeeperHome, replicas: 2 })
console.log(JSON.stringify({ folder: ensemble.folder, servers: await ensemble.servers() }))
setInterval(() => undefined, 1_000)
