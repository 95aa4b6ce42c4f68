/** What files of the corpus lean on beside themselves, made for a server that is started here. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { LiveApache } from '../live-apache.ts'

/** A login by digest for servers among each other and for their clients: there is no KDC, and a file does not say which it is. */
const JAAS = ['QuorumServer', 'QuorumLearner', 'Server']
  .map((section) => {
    const module = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
    return `${section} {\n  ${module} username="zk" password="a" user_zk="a";\n};\n`
  })
  .join('\n')

/** @returns the JVM properties that name it */
export function loginIn(folder: string): Readonly<Record<string, string>> {
  const file = join(folder, 'jaas.conf')
  writeFileSync(file, JAAS)
  return { 'java.security.auth.login.config': file }
}

/** Compiles the stand-in for the metrics provider that Debian's package lacks. @returns what to add to the class path */
export function metricsProviderIn(folder: string, apache: LiveApache): string {
  const classes = join(folder, 'classes')
  const source = fileURLToPath(new URL('stand-in/PrometheusMetricsProvider.java', import.meta.url))
  mkdirSync(classes, { recursive: true })
  execFileSync('javac', ['-cp', apache.classPath, '-d', classes, source])
  return classes
}
