import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'
import { derChildren, derElement, DerError, DerTag, objectIdentifier, type DerElement } from '../kernel/der.ts'

/** What a PKCS12 file holds that TLS has a use for. */
export interface Pkcs12Content {
  /** PKCS#8, as DER, as they lie there: encrypted ones still are. */
  readonly keys: readonly { readonly der: Buffer; readonly isEncrypted: boolean }[]
  /** DER. */
  readonly certificates: readonly Buffer[]
}

/** Why a PKCS12 file cannot be used, as the end of a sentence that begins with its name. */
export class Pkcs12Error extends Error {
  override readonly name = 'Pkcs12Error'
}

const OID = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  keyBag: '1.2.840.113549.1.12.10.1.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  pbes2: '1.2.840.113549.1.5.13',
  tripleDes: '1.2.840.113549.1.12.1.3',
} as const

const HASHES: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
const HMACS: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
}
const CIPHERS: Readonly<Record<string, { readonly name: string; readonly keySizeBytes: number }>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keySizeBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keySizeBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keySizeBytes: 32 },
}

/** Far beyond what any tool writes (10,000): a file must not keep a server from starting by making it count. */
const ITERATIONS_MAX = 5_000_000
const WRONG_PASSWORD = 'does not open with the password given'

/**
 * Reads a PKCS12 file (RFC 7292) that is protected by a password, as keytool and openssl write them. Node's own
 * reader takes no trust stores, and makes authorities of whatever stands beside a key (docs/decisions/0007).
 *
 * @throws Pkcs12Error
 */
export function readPkcs12(bytes: Buffer, password: string): Pkcs12Content {
  try {
    return contentOf(bytes, password)
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw new Pkcs12Error(`is no PKCS12 file: ${error.message}`, { cause: error })
  }
}

function contentOf(bytes: Buffer, password: string): Pkcs12Content {
  const [, authSafe, macData] = derChildren(derElement(bytes, DerTag.sequence), DerTag.sequence)
  const safes = dataIn(authSafe)
  if (macData !== undefined) checkMac(macData, safes, password)
  const keys: { der: Buffer; isEncrypted: boolean }[] = []
  const certificates: Buffer[] = []
  for (const safe of derChildren(derElement(safes, DerTag.sequence), DerTag.sequence)) {
    for (const bag of derChildren(derElement(safeContents(safe, password), DerTag.sequence), DerTag.sequence)) {
      const [bagId, wrapped] = derChildren(bag, DerTag.sequence)
      const kind = objectIdentifier(bagId)
      const value = derChildren(wrapped, DerTag.context0)[0]
      if (value === undefined) throw new DerError('an empty bag')
      if (kind === OID.keyBag) keys.push({ der: value.bytes, isEncrypted: false })
      else if (kind === OID.shroudedKeyBag) keys.push({ der: value.bytes, isEncrypted: true })
      else if (kind === OID.certificateBag) certificates.push(...certificateIn(value))
    }
  }
  return { keys, certificates }
}

/** ContentInfo of the kind data: the octets within. */
function dataIn(contentInfo: DerElement | undefined): Buffer {
  const [type, wrapped] = derChildren(contentInfo, DerTag.sequence)
  if (objectIdentifier(type) !== OID.data) throw new Pkcs12Error('is not protected by a password, but signed')
  return octets(derChildren(wrapped, DerTag.context0)[0])
}

function safeContents(contentInfo: DerElement, password: string): Buffer {
  const [type, wrapped] = derChildren(contentInfo, DerTag.sequence)
  if (objectIdentifier(type) !== OID.encryptedData) return dataIn(contentInfo)
  const [, encrypted] = derChildren(derChildren(wrapped, DerTag.context0)[0], DerTag.sequence)
  const [, algorithm, content] = derChildren(encrypted, DerTag.sequence)
  if (content === undefined) throw new DerError('no encrypted content')
  return decrypt(algorithm, content.content, password)
}

function certificateIn(bag: DerElement): Buffer[] {
  const [kind, wrapped] = derChildren(bag, DerTag.sequence)
  if (objectIdentifier(kind) !== OID.x509Certificate) return []
  return [octets(derChildren(wrapped, DerTag.context0)[0])]
}

function decrypt(algorithm: DerElement | undefined, content: Buffer, password: string): Buffer {
  const [type, parameters] = derChildren(algorithm, DerTag.sequence)
  const oid = objectIdentifier(type)
  const { name, key, iv } = oid === OID.pbes2 ? pbes2(parameters, password) : tripleDes(oid, parameters, password)
  try {
    const decipher = createDecipheriv(name, key, iv)
    return Buffer.concat([decipher.update(content), decipher.final()])
  } catch (error) {
    throw new Pkcs12Error(WRONG_PASSWORD, { cause: error })
  }
}

interface CipherParts {
  readonly name: string
  readonly key: Buffer
  readonly iv: Buffer
}

/** RFC 8018, 6.2: PBKDF2 and AES. */
function pbes2(parameters: DerElement | undefined, password: string): CipherParts {
  const [derivation, encryption] = derChildren(parameters, DerTag.sequence)
  const [, derivationParameters] = derChildren(derivation, DerTag.sequence)
  const [salt, iterations, ...rest] = derChildren(derivationParameters, DerTag.sequence)
  const prf = rest.find(({ tag }) => tag === DerTag.sequence)
  const hash = prf === undefined ? 'sha1' : HMACS[objectIdentifier(derChildren(prf, DerTag.sequence)[0])]
  const [cipherType, iv] = derChildren(encryption, DerTag.sequence)
  const cipher = CIPHERS[objectIdentifier(cipherType)]
  if (cipher === undefined || hash === undefined) throw unknownEncryption()
  const key = pbkdf2Sync(password, octets(salt), iterationCount(iterations), cipher.keySizeBytes, hash)
  return { name: cipher.name, key, iv: octets(iv) }
}

/** RFC 7292, appendix C: what tools wrote before 2020. Their RC2 is gone from OpenSSL, and from here. */
function tripleDes(oid: string, parameters: DerElement | undefined, password: string): CipherParts {
  if (oid !== OID.tripleDes) throw unknownEncryption()
  const [salt, count] = derChildren(parameters, DerTag.sequence)
  const options = { hash: 'sha1', password, salt: octets(salt), iterations: iterationCount(count) }
  const key = pkcs12Key({ ...options, purpose: 1, sizeBytes: 24 })
  return { name: 'des-ede3-cbc', key, iv: pkcs12Key({ ...options, purpose: 2, sizeBytes: 8 }) }
}

function checkMac(macData: DerElement, safes: Buffer, password: string): void {
  const [digestInfo, salt, count] = derChildren(macData, DerTag.sequence)
  const [algorithm, digest] = derChildren(digestInfo, DerTag.sequence)
  const hash = HASHES[objectIdentifier(derChildren(algorithm, DerTag.sequence)[0])]
  if (hash === undefined) throw unknownEncryption()
  const expected = octets(digest)
  const iterations = count === undefined ? 1 : iterationCount(count)
  const key = pkcs12Key({ hash, password, salt: octets(salt), iterations, purpose: 3, sizeBytes: expected.length })
  const actual = createHmac(hash, key).update(safes).digest()
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw new Pkcs12Error(WRONG_PASSWORD)
}

/** RFC 7292, appendix B.2. @param purpose 1 for a key, 2 for an initialisation vector, 3 for a MAC's key */
function pkcs12Key(options: {
  readonly hash: string
  readonly password: string
  readonly salt: Buffer
  readonly iterations: number
  readonly purpose: 1 | 2 | 3
  readonly sizeBytes: number
}): Buffer {
  const { hash, iterations, sizeBytes } = options
  const blockSize = hash === 'sha1' || hash === 'sha256' ? 64 : 128
  const stretch = (bytes: Buffer): Buffer =>
    Buffer.alloc(blockSize * Math.ceil(bytes.length / blockSize), bytes.length === 0 ? 0 : bytes)
  const diversifier = Buffer.alloc(blockSize, options.purpose)
  const input = Buffer.concat([
    stretch(options.salt),
    stretch(Buffer.from(`${options.password}\0`, 'utf16le').swap16()),
  ])
  const made: Buffer[] = []
  for (let size = 0; size < sizeBytes;) {
    let digest = createHash(hash).update(diversifier).update(input).digest()
    for (let round = 1; round < iterations; round++) digest = createHash(hash).update(digest).digest()
    made.push(digest)
    size += digest.length
    const addend = Buffer.alloc(blockSize, digest)
    for (let block = 0; block < input.length; block += blockSize) {
      let carry = 1
      for (let index = blockSize - 1; index >= 0; index--) {
        const sum = (input[block + index] ?? 0) + (addend[index] ?? 0) + carry
        input[block + index] = sum & 0xff
        carry = sum >> 8
      }
    }
  }
  return Buffer.concat(made).subarray(0, sizeBytes)
}

function octets(element: DerElement | undefined): Buffer {
  if (element === undefined || element.tag !== DerTag.octetString) throw new DerError('no octet string')
  return element.content
}

function iterationCount(element: DerElement | undefined): number {
  const { content } = element ?? { content: Buffer.alloc(0) }
  const count = content.length === 0 || content.length > 6 ? 0 : content.readIntBE(0, content.length)
  if (element?.tag !== DerTag.integer || count < 1 || count > ITERATIONS_MAX)
    throw new DerError('no count of iterations')
  return count
}

function unknownEncryption(): Pkcs12Error {
  return new Pkcs12Error('is encrypted in a way that this platform does not have (old files use RC2)')
}
