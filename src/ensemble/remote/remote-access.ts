import { readFileSync } from 'node:fs'
import { readClientTls, type ClientTlsNames } from '../../io/client-tls.ts'
import type { TlsClientOptions } from '../../kernel/ports.ts'
import { ZktuneError } from '../../kernel/errors.ts'
import type { RemoteAccess } from '../../profile/engine.ts'

/** How to come to servers that run already, with what its files hold. */
export interface ReadAccess {
  /** Null: in the clear. Holds a private key. */
  readonly tls: TlsClientOptions | null
  /** `user:password` of the scheme digest; null: prove nothing. A secret. */
  readonly digest: string | null
}

const FLAGS: ClientTlsNames = {
  ca: '--tls-ca',
  cert: '--tls-cert',
  key: '--tls-key',
  passphrase: '--tls-passphrase-file',
}

/** @throws ZktuneError BadConfigValue or DiskFailed for the files that it names, without a secret in it */
export function readAccess({ tls, authFile }: RemoteAccess): ReadAccess {
  return {
    tls:
      tls === null
        ? null
        : readClientTls(
            {
              ...(tls.ca === null ? {} : { ca: tls.ca }),
              ...(tls.cert === null ? {} : { cert: tls.cert }),
              ...(tls.key === null ? {} : { key: tls.key }),
              ...(tls.passphraseFile === null ? {} : { passphrase: firstLine(tls.passphraseFile, FLAGS.passphrase) }),
              verifyHost: tls.verifiesHost,
            },
            FLAGS,
          ),
    digest: authFile === null ? null : digestIn(authFile),
  }
}

function digestIn(file: string): string {
  const line = firstLine(file, '--auth-file')
  if (/^[^:\s]+:./.test(line)) return line
  throw new ZktuneError('BadConfigValue', {
    where: `--auth-file (${file})`,
    what: 'its first line is not user:password',
    mend: 'Write what the digest scheme of ZooKeeper takes: a user, a colon, the password as it is.',
  })
}

function firstLine(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[0] ?? ''
  } catch (error) {
    throw new ZktuneError('BadConfigValue', {
      where: `${flag} (${file})`,
      what: `it cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Name a file that exists and that you may read.',
      cause: error,
    })
  }
}
