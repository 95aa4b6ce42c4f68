import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readPkcs12, Pkcs12Error } from './pkcs12.ts'
import { ZktuneError } from '../kernel/errors.ts'
import type { TlsIdentity } from '../kernel/ports.ts'
import type { StoreSettings } from '../zoocfg/settings/tls-parts.ts'

type StoreType = 'PEM' | 'PKCS12'

const TYPE_BY_SUFFIX: Readonly<Record<string, string>> = {
  '.pem': 'PEM',
  '.p12': 'PKCS12',
  '.pfx': 'PKCS12',
  '.jks': 'JKS',
  '.bcfks': 'BCFKS',
}
const PEM_BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g

/**
 * The key that a server shows, with its certificates: of a PEM file one private key (PKCS#8) and the certificates, the
 * own one first; of a PKCS12 file its key and what leads on from its certificate.
 *
 * @param prefix of the keys in zoo.cfg: `ssl.keyStore`
 * @throws ZktuneError BadConfigValue, DiskFailed; no message holds a password or a key
 */
export function readKeyStore(store: StoreSettings, prefix: string): TlsIdentity {
  const { location, type, where } = typedStore(store, prefix)
  const password = passwordOf(store, prefix)
  const bytes = readStore(location, where, prefix)
  const { key, certificates } =
    type === 'PEM'
      ? identityInPem(bytes, password, location, prefix)
      : identityInPkcs12(bytes, password, location, prefix)
  const [own] = certificates
  if (own === undefined)
    throw fault(location, 'there is no certificate in it', 'Append the certificate, then its chain.')
  if (!own.checkPrivateKey(key)) {
    throw fault(location, 'its key is not the one of its first certificate', 'Put the certificate of this key first.')
  }
  return {
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    chainPem: certificates.map((certificate) => certificate.toString()).join(''),
  }
}

/** The certificates that clients' certificates must lead to, as PEM. Parameters and errors as for `readKeyStore`. */
export function readTrustStore(store: StoreSettings, prefix: string): string {
  const { location, type, where } = typedStore(store, prefix)
  const bytes = readStore(location, where, prefix)
  const certificates =
    type === 'PEM'
      ? certificatesInPem(bytes, location)
      : certificatesOf(openPkcs12(bytes, passwordOf(store, prefix), location, prefix).certificates, location)
  if (certificates.length === 0) {
    throw fault(location, 'there is no certificate in it', 'Put the certificates of the authorities into it.')
  }
  return certificates.map((certificate) => certificate.toString()).join('')
}

function typedStore(
  store: StoreSettings,
  prefix: string,
): { readonly location: string; readonly type: StoreType; readonly where: string } {
  const { location } = store
  const where = store.where ?? `${prefix}.location`
  if (location === null) {
    throw fault(where, `${prefix}.location is not set`, 'Name the file.')
  }
  const suffix = /\.[^./\\]*$/.exec(location)?.[0].toLowerCase() ?? ''
  const type = store.type === null ? TYPE_BY_SUFFIX[suffix] : store.type.toUpperCase()
  switch (type) {
    case 'PEM':
    case 'PKCS12':
      return { location, type, where }
    case 'JKS':
      throw fault(
        where,
        `${location} is a Java key store (JKS), which the built-in engine does not read`,
        `Convert it: keytool -importkeystore -srckeystore ${location} -destkeystore ${withSuffix(location, '.p12')} ` +
          `-deststoretype PKCS12. Then name the new file; Apache ZooKeeper reads it too.`,
      )
    case 'BCFKS':
      throw fault(
        where,
        `${location} is a key store of Bouncy Castle (BCFKS), which the built-in engine does not read`,
        `Convert it with keytool and Bouncy Castle's provider: keytool -importkeystore -srcstoretype BCFKS ` +
          `-srckeystore ${location} -destkeystore ${withSuffix(location, '.p12')} -deststoretype PKCS12 -providerpath ` +
          `bc-fips.jar -provider org.bouncycastle.jcajce.provider.BouncyCastleFipsProvider. Then name the new file.`,
      )
    case undefined:
      throw fault(
        where,
        `the name of ${location} does not tell what kind of file it is`,
        `Call it .pem or .p12, or set ${prefix}.type=PEM or PKCS12.`,
      )
    default:
      throw fault(where, `${prefix}.type is "${store.type}"`, 'Write PEM or PKCS12.')
  }
}

function withSuffix(location: string, suffix: string): string {
  return `${location.replace(/\.[^./\\]*$/, '')}${suffix}`
}

function passwordOf(store: StoreSettings, prefix: string): string {
  if (store.passwordPath === null) return store.password
  const [line = ''] = readStore(store.passwordPath, `${prefix}.passwordPath`, `${prefix}.passwordPath`)
    .toString('utf8')
    .split(/\r\n|\n|\r/)
  return line
}

function readStore(path: string, where: string, key: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new ZktuneError('DiskFailed', {
      where,
      what: `${path}, which ${key} names, cannot be read (${code})`,
      mend: 'Correct the path, or let the user that runs the server read the file.',
      cause,
    })
  }
}

interface Identity {
  readonly key: KeyObject
  readonly certificates: readonly X509Certificate[]
}

function identityInPem(bytes: Buffer, password: string, file: string, prefix: string): Identity {
  const text = bytes.toString('latin1')
  const keys = [...text.matchAll(PEM_BLOCK)].filter(([, label = '']) => label.endsWith('PRIVATE KEY'))
  const [block] = keys
  if (block === undefined) {
    throw fault(file, 'there is no private key in it', 'Put the key (BEGIN PRIVATE KEY) before the certificates.')
  }
  const [pem, label = ''] = block
  if (label !== 'PRIVATE KEY' && label !== 'ENCRYPTED PRIVATE KEY') {
    const mend = `Convert the key: openssl pkcs8 -topk8 -nocrypt -in ${file} -out key.pem`
    throw fault(file, `its key is in the form "${label}", and only PKCS#8 is read, here as with Apache`, mend)
  }
  if (label === 'ENCRYPTED PRIVATE KEY' && password === '') throw passwordMissing(file, prefix)
  return {
    key: openKey({ key: pem, format: 'pem', passphrase: password }, file, prefix),
    certificates: certificatesInPem(bytes, file),
  }
}

function certificatesInPem(bytes: Buffer, file: string): readonly X509Certificate[] {
  const blocks = [...bytes.toString('latin1').matchAll(PEM_BLOCK)]
  const wanted = blocks.filter(([, label]) => label === 'CERTIFICATE' || label === 'X509 CERTIFICATE')
  return certificatesOf(
    wanted.map(([pem]) => Buffer.from(pem)),
    file,
  )
}

/** @param encoded each DER or PEM */
function certificatesOf(encoded: readonly Buffer[], file: string): readonly X509Certificate[] {
  return encoded.map((bytes, index) => {
    try {
      return new X509Certificate(bytes)
    } catch (cause) {
      throw fault(file, `certificate ${index + 1} in it cannot be read`, 'Make the file anew.', cause)
    }
  })
}

function identityInPkcs12(bytes: Buffer, password: string, file: string, prefix: string): Identity {
  const content = openPkcs12(bytes, password, file, prefix)
  const [entry] = content.keys
  if (entry === undefined) throw fault(file, 'there is no private key in it', 'Name the store that holds the key.')
  const key = openKey({ key: entry.der, format: 'der', type: 'pkcs8', passphrase: password }, file, prefix)
  const all = certificatesOf(content.certificates, file)
  const own = all.find((certificate) => certificate.checkPrivateKey(key))
  return { key, certificates: own === undefined ? all : chainFrom(own, all) }
}

/** The certificate, then each one's issuer as far as they are there; a root needs no telling. */
function chainFrom(own: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const chain = [own]
  for (let last = own; ;) {
    const issuer = all.find((each) => !chain.includes(each) && last.checkIssued(each))
    if (issuer === undefined) return chain
    chain.push(issuer)
    last = issuer
  }
}

function openPkcs12(bytes: Buffer, password: string, file: string, prefix: string): ReturnType<typeof readPkcs12> {
  try {
    return readPkcs12(bytes, password)
  } catch (cause) {
    if (!(cause instanceof Pkcs12Error)) throw cause
    const mend =
      `Look at ${prefix}.password and ${prefix}.passwordPath; keytool -list -keystore ${file} tries the same. ` +
      'An old file can be written anew with keytool -importkeystore.'
    throw fault(file, `the file ${cause.message}`, mend, cause)
  }
}

function openKey(input: Parameters<typeof createPrivateKey>[0], file: string, prefix: string): KeyObject {
  try {
    return createPrivateKey(input)
  } catch (cause) {
    const mend = `Look at ${prefix}.password and ${prefix}.passwordPath: they must open the key in the file.`
    // OpenSSL's words may tell of the key's structure, and help nobody.
    throw fault(file, 'its private key cannot be read with the password given', mend, cause)
  }
}

function passwordMissing(file: string, prefix: string): ZktuneError {
  const mend = `Set ${prefix}.passwordPath to a file that holds the password, or ${prefix}.password.`
  return fault(file, 'its private key is encrypted, and no password is given', mend)
}

function fault(where: string, what: string, mend: string, cause?: unknown): ZktuneError {
  return new ZktuneError('BadConfigValue', { where, what, mend, ...(cause === undefined ? {} : { cause }) })
}
