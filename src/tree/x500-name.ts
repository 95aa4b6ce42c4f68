import { derElements, DerError } from '../kernel/der.ts'

/** The attribute types that Java knows by name. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME INITIALS GENERATION EMAIL EMAILADDRESS UID ' +
    'SERIALNUMBER'
  ).split(' '),
)
const OBJECT_IDENTIFIER = /^(?:OID\.)?(?:[01]\.(?:[1-3]?[0-9])|2\.[0-9]+)(?:\.[0-9]+)*$/i
const ESCAPE = /\\(?:[0-9a-fA-F]{2}|[,=\n+<>#;\\" ])/g

/**
 * Whether a text is a name as Java's `X500Principal` reads it, which is what an ACL entry of the scheme x509 must hold.
 *
 *   name       [part { (',' | ';') part }]
 *   part       attribute { '+' attribute }
 *   attribute  type '=' value                 type: a known keyword or an object identifier
 *   value      '#' hexadecimal DER | '"' quoted '"' | text in which , + < > ; " and \ are escaped
 *
 * Source: sun.security.x509.X500Name and AVA (OpenJDK 17).
 */
export function isX500Name(text: string): boolean {
  return text === '' || split(text, ',;').every((part) => split(part, '+').every(isAttribute))
}

function isAttribute(text: string): boolean {
  const equals = text.indexOf('=')
  if (equals === -1) return false
  const type = text.slice(0, equals).trim().toUpperCase()
  const value = text.slice(equals + 1).replace(/^[ \n]+/, '')
  return (KEYWORDS.has(type) || OBJECT_IDENTIFIER.test(type)) && isValue(value)
}

function isValue(value: string): boolean {
  if (value.startsWith('#')) return isHexadecimalDer(value.slice(1).trimEnd())
  const plain = value.replaceAll(ESCAPE, '')
  if (value.startsWith('"')) return /^"[^"\\]*"[ \n]*$/.test(plain)
  return !/[,+<>;"\\]/.test(plain)
}

function isHexadecimalDer(digits: string): boolean {
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(digits)) return false
  try {
    return derElements(Buffer.from(digits, 'hex')).length === 1
  } catch (error) {
    if (error instanceof DerError) return false
    throw error
  }
}

/** At separators that are neither escaped nor quoted. */
function split(text: string, separators: string): string[] {
  const parts: string[] = []
  let isQuoted = false
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === '\\') index++
    else if (character === '"') isQuoted = !isQuoted
    else if (!isQuoted && separators.includes(character)) {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...parts, text.slice(start)]
}
