import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ZktuneError } from '../../kernel/errors.ts'

const ASK_TIMEOUT_MS = 20_000

export interface Java {
  /** Full path of the program. */
  readonly path: string
  /** `17.0.15`, `1.8.0_402`. */
  readonly version: string
  /** 8 for `1.8`. */
  readonly major: number
}

/**
 * Java as JAVA_HOME says, else the first one of PATH, asked for its version.
 *
 * @throws ZktuneError NotSupported when there is none, BadConfigValue when JAVA_HOME has none, ServerFailed when it does not run
 */
export async function findJava(environment: Readonly<Record<string, string | undefined>>): Promise<Java> {
  const path = pathOfJava(environment)
  const told = await new Promise<string>((resolve, reject) => {
    execFile(path, ['-version'], { timeout: ASK_TIMEOUT_MS, env: environment }, (error, stdout, stderr) => {
      if (error === null) resolve(`${stderr}${stdout}`)
      else reject(brokenJava(path, `${stderr}${stdout}`.trim().split('\n')[0] ?? '', error))
    })
  })
  const version = versionOfJava(told)
  if (version === null) throw brokenJava(path, `it does not tell its version: ${told.split('\n')[0]}`)
  return { path, ...version }
}

/** @param told by `java -version`: `openjdk version "17.0.15" 2025-04-15`, among lines of other kinds */
export function versionOfJava(told: string): Pick<Java, 'version' | 'major'> | null {
  const version = /version "([^"]+)"/.exec(told)?.[1]
  const [first = '', second = ''] = version?.split(/[._+-]/) ?? []
  const major = Number(first === '1' ? second : first)
  return version === undefined || !Number.isInteger(major) || major < 1 ? null : { version, major }
}

function pathOfJava(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment['JAVA_HOME'] ?? ''
  if (home !== '') {
    const path = join(home, 'bin', 'java')
    if (isProgram(path)) return path
    throw new ZktuneError('BadConfigValue', {
      where: 'JAVA_HOME',
      what: `${path} is no program`,
      mend: 'Let JAVA_HOME name the folder of a Java runtime, or unset it to take the java of PATH.',
    })
  }
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const path = folders.map((folder) => join(folder, 'java')).find(isProgram)
  if (path !== undefined) return path
  throw new ZktuneError('NotSupported', {
    where: '--engine apache',
    what: 'there is no Java on this machine',
    mend:
      'Install a runtime (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME; ' +
      '--engine builtin needs neither Java nor ZooKeeper.',
  })
}

function brokenJava(path: string, said: string, cause?: unknown): ZktuneError {
  return new ZktuneError('ServerFailed', {
    where: path,
    what: `this Java does not run${said === '' ? '' : `: ${said}`}`,
    mend: 'Set JAVA_HOME to another runtime, or use --engine builtin, which needs none.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
