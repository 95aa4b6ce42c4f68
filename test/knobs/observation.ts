/**
 * Starts a server with the knob changed (and one with it left alone, where that shows more), and asserts from outside
 * that it makes a difference: by what a client, a socket, a four letter word, a file or the server's log shows.
 */
export type Observation = () => Promise<void>

/** By key of the knob, spelled as in the catalogue. One file exports one group's. */
export type Observations = Readonly<Record<string, Observation>>
