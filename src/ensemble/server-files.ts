import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ZktuneError } from '../kernel/errors.ts'
import { checkedConfig, pathsIn, readServerConfig } from '../zoocfg/server-config.ts'
import type { ServerConfig } from '../zoocfg/server-config.ts'
import type { Remark } from '../zoocfg/findings.ts'
import type { ServerSettings } from '../server/settings.ts'
import { serverSettingsOf } from './server-settings.ts'

/** Left in dataDir by whoever sets up a new ensemble: a server without state may vote. The server removes it. */
export const INITIALIZE_FLAG = 'initialize'

/** One server as its files describe it. */
export interface ServerFiles {
  readonly settings: ServerSettings
  readonly config: ServerConfig
  /** What deserves a word though it keeps nothing from starting. */
  readonly remarks: readonly Remark[]
}

/**
 * Reads zoo.cfg, the myid beside its data, and the dynamic file that it may name.
 *
 * @throws ZktuneError BadConfigValue and the like for what they say, DiskFailed when zoo.cfg cannot be read
 */
export function readServerFiles(file: string): ServerFiles {
  const text = textOf(file)
  const { dataDir, dynamicConfigFile } = pathsIn(text)
  const reading = readServerConfig({
    file,
    text,
    myid: dataDir === null ? null : textIfThere(join(dataDir, 'myid')),
    dynamic: dynamicConfigFile === null ? null : dynamicFile(resolve(dirname(file), dynamicConfigFile)),
  })
  const config = checkedConfig(reading)
  const isInitial = existsSync(join(config.dataDir, INITIALIZE_FLAG))
  const settings = serverSettingsOf(config, { isInitial })
  return {
    settings: { ...settings, dataDir: resolve(settings.dataDir), dataLogDir: resolve(settings.dataLogDir) },
    config,
    remarks: reading.remarks,
  }
}

/** Bytes as they are, one character each: see zoocfg/properties.ts. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    throw new ZktuneError('DiskFailed', {
      where: file,
      what: `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Name the zoo.cfg of the server.',
      cause: error,
    })
  }
}

function textIfThere(file: string): string | null {
  return existsSync(file) ? textOf(file) : null
}

function dynamicFile(file: string): { readonly file: string; readonly text: string } | null {
  const text = textIfThere(file)
  return text === null ? null : { file, text }
}
