import { derChildren, derElement, DerError, DerTag, objectIdentifier, type DerElement } from '../../kernel/der.ts'

/** The attribute types that have a name in RFC 2253; Java writes all others as numbers. */
const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
}

/** PrintableString, UTF8String, TeletexString, IA5String, GeneralString, UniversalString, BMPString. */
const STRING_TAGS: ReadonlySet<number> = new Set([0x13, 0x0c, 0x14, 0x16, 0x1b, 0x1c, 0x1e])

/**
 * The subject of an X.509 certificate as Java's `X500Principal.getName()` prints it, which is what access lists hold: RFC
 * 2253, the most specific part first, `CN=client,O=Example`.
 *
 * @param certificate DER
 * @returns null for bytes that are no certificate
 */
export function certificateSubject(certificate: Uint8Array): string | null {
  try {
    const bytes = Buffer.from(certificate.buffer, certificate.byteOffset, certificate.byteLength)
    const [toBeSigned] = derChildren(derElement(bytes, DerTag.sequence), DerTag.sequence)
    const fields = derChildren(toBeSigned, DerTag.sequence)
    // [version] serialNumber signature issuer validity subject: the version of the first edition is left out.
    const subject = fields[fields[0]?.tag === DerTag.context0 ? 5 : 4]
    return derChildren(subject, DerTag.sequence).map(relativeName).reverse().join(',')
  } catch (error) {
    if (error instanceof DerError) return null
    throw error
  }
}

function relativeName(set: DerElement): string {
  return derChildren(set, DerTag.set)
    .map((attribute) => {
      const [type, value] = derChildren(attribute, DerTag.sequence)
      const oid = objectIdentifier(type)
      if (value === undefined) throw new DerError('an attribute without a value')
      const name = NAMES[oid]
      const text =
        name === undefined || !STRING_TAGS.has(value.tag) ? `#${value.bytes.toString('hex')}` : escaped(value)
      return `${name ?? oid}=${text}`
    })
    .join('+')
}

/** Java reads every kind of string as UTF-8, also those that are not: so must we, for the texts are compared. */
function escaped(value: DerElement): string {
  const text = value.content
    .toString('utf8')
    .replaceAll(/[,=+<>#;"\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
  const [lead = ''] = /^[ \r]*/.exec(text) ?? []
  if (lead.length === text.length) return text.replaceAll(/[ \r]/g, '\\$&')
  const [trail = ''] = /[ \r]*$/.exec(text) ?? []
  const middle = text.slice(lead.length, text.length - trail.length)
  return lead.replaceAll(/[ \r]/g, '\\$&') + middle + trail.replaceAll(/[ \r]/g, '\\$&')
}
