/** Loaded into a process by `--import`: profiles its CPU and leaves the profile in ZKTUNE_PROFILE_FOLDER when it ends. */
import { Session } from 'node:inspector'
import { writeFileSync } from 'node:fs'

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.start')
process.on('exit', () => {
  session.post('Profiler.stop', (_error, result) => {
    const file = `${process.env.ZKTUNE_PROFILE_FOLDER}/${process.pid}.cpuprofile`
    if (result !== undefined) writeFileSync(file, JSON.stringify(result.profile))
  })
})
