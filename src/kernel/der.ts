/** Bytes that are not what DER allows, or not of the form that a reader of them expected. */
export class DerError extends Error {
  override readonly name = 'DerError'
}

/** One element of DER (X.690): its tag, and where its content lies. */
export interface DerElement {
  /** The first octet, class and form included: 0x30 is a SEQUENCE. Tags above 30, which take more, are refused. */
  readonly tag: number
  /** A view. */
  readonly content: Buffer
  /** The whole element with its head, a view. */
  readonly bytes: Buffer
}

export const DerTag = {
  integer: 0x02,
  octetString: 0x04,
  objectIdentifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific and constructed, number 0. */
  context0: 0xa0,
} as const

/** The elements that stand one behind the other in `bytes`. @throws DerError */
export function derElements(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = []
  for (let at = 0; at < bytes.length;) {
    const element = derElementAt(bytes, at)
    elements.push(element)
    at += element.bytes.length
  }
  return elements
}

/** The one element that `bytes` begins with; what follows it is nobody's. @throws DerError, also for another tag */
export function derElement(bytes: Buffer, tag: number): DerElement {
  const element = derElementAt(bytes, 0)
  if (element.tag !== tag) throw new DerError(`tag ${element.tag} where ${tag} is expected`)
  return element
}

/** What a constructed element holds. @throws DerError, also for another tag */
export function derChildren(element: DerElement | undefined, tag: number): DerElement[] {
  if (element === undefined || element.tag !== tag)
    throw new DerError(`no element of the tag ${tag} where one is expected`)
  return derElements(element.content)
}

/** `1.2.840.113549.1.7.1`. @throws DerError */
export function objectIdentifier(element: DerElement | undefined): string {
  if (element === undefined || element.tag !== DerTag.objectIdentifier) throw new DerError('no object identifier')
  const parts: number[] = []
  let value = 0
  for (const octet of element.content) {
    if (value > Number.MAX_SAFE_INTEGER / 128) throw new DerError('an object identifier with a part beyond 53 bits')
    value = value * 128 + (octet & 0x7f)
    if ((octet & 0x80) !== 0) continue
    if (parts.length === 0) {
      const first = Math.min(2, Math.floor(value / 40))
      parts.push(first, value - first * 40)
    } else {
      parts.push(value)
    }
    value = 0
  }
  return parts.join('.')
}

function derElementAt(bytes: Buffer, at: number): DerElement {
  const tag = bytes[at]
  const short = bytes[at + 1]
  if (tag === undefined || short === undefined) throw new DerError('an element ends before its length')
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of more than one octet')
  let length = short
  let contentAt = at + 2
  if (short >= 0x80) {
    const octets = short & 0x7f
    if (octets === 0 || octets > 4 || contentAt + octets > bytes.length)
      throw new DerError('a length that is no length')
    length = bytes.readUIntBE(contentAt, octets)
    contentAt += octets
  }
  const end = contentAt + length
  if (end > bytes.length) throw new DerError(`an element of ${length} bytes where ${bytes.length - contentAt} are left`)
  return { tag, content: bytes.subarray(contentAt, end), bytes: bytes.subarray(at, end) }
}
