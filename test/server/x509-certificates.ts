/** The shell of a certificate around a subject: no more of it is read. @param subject DER in base64 */
export function certificateWith(subject: string): Buffer {
  const empty = element(0x30)
  const version = element(0xa0, element(0x02, Buffer.from([2])))
  const fields = [version, element(0x02, Buffer.from([1])), empty, empty, empty, Buffer.from(subject, 'base64')]
  return element(0x30, element(0x30, ...fields))
}

function element(tag: number, ...content: Buffer[]): Buffer {
  const bytes = Buffer.concat(content)
  const length = bytes.length < 0x80 ? [bytes.length] : [0x82, bytes.length >> 8, bytes.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), bytes])
}
