/** Starts an ensemble of fake servers, says where it is, and stays until it is killed. */
import { builtinEngine } from '../../../src/ensemble/local-engine.ts'
import { bootEnsemble } from '../../../src/ensemble/start-ensemble.ts'

const [behaviour = 'good', ending = 'stays'] = process.argv.slice(2)
const settings = [{ key: 'zktune.fake', value: behaviour }]
const ensemble = await bootEnsemble(2, settings, {}, builtinEngine(new URL('./fake-server.ts', import.meta.url)))
console.log(JSON.stringify({ folder: ensemble.folder, servers: await ensemble.servers() }))
if (ending === 'throws') throw new Error('the parent has a bug')
setInterval(() => undefined, 1_000)
