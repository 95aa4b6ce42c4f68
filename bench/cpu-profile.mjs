/**
 * Loaded into a process by `--import`: the first SIGUSR2 begins a CPU profile, the second one writes it to
 * ZKTUNE_PROFILE_FOLDER.
 */
import { Session } from 'node:inspector'
import { writeFileSync } from 'node:fs'

const session = new Session()
session.connect()
session.post('Profiler.enable')
let isProfiling = false
process.on('SIGUSR2', () => {
  if (isProfiling) {
    session.post('Profiler.stop', (_error, result) => {
      const file = `${process.env.ZKTUNE_PROFILE_FOLDER}/${process.pid}.cpuprofile`
      if (result !== undefined) writeFileSync(file, JSON.stringify(result.profile))
    })
  } else {
    session.post('Profiler.start')
  }
  isProfiling = !isProfiling
})
