/**
 * The rules for the path of a znode. Servers apply them to create, setData, setACL and check; clients before they send.
 * Compared and checked by code units; nothing is normalised.
 *
 * Source: PathUtils.validatePath (Apache ZooKeeper 3.9).
 */

const SLASH = 0x2f
const DOT = 0x2e

/** @returns what is wrong with the path, as the end of a sentence; null when it is a path */
export function validatePath(path: string): string | null {
  const length = path.length
  if (length === 0) return 'is empty'
  if (path.charCodeAt(0) !== SLASH) return 'does not start with "/"'
  if (length === 1) return null
  if (path.charCodeAt(length - 1) === SLASH) return 'ends with "/"'

  let elementStart = 1
  for (let index = 1; index <= length; index++) {
    const unit = index === length ? SLASH : path.charCodeAt(index)
    if (unit !== SLASH) {
      if (isForbidden(unit)) return `has the character ${codePointText(unit)} at ${index}`
      continue
    }
    const elementLength = index - elementStart
    if (elementLength === 0) return `has an empty element at ${elementStart}`
    if (path.charCodeAt(elementStart) === DOT) {
      const isDots = elementLength === 1 || (elementLength === 2 && path.charCodeAt(elementStart + 1) === DOT)
      if (isDots) return `has a relative element at ${elementStart}`
    }
    elementStart = index + 1
  }
  return null
}

/** The rules for what a create asks for: before a sequence number is appended, the last element may be empty. */
export function validateCreatePath(path: string, isSequential: boolean): string | null {
  return validatePath(isSequential ? `${path}1` : path)
}

/** @param path not the root @returns `/` for a child of the root */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** Control characters, surrogates (so nothing beyond the basic plane), the private use area, and the specials. */
function isForbidden(unit: number): boolean {
  if (unit > 0x1f && unit < 0x7f) return false
  return unit <= 0x1f || unit <= 0x9f || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0
}

function codePointText(unit: number): string {
  return `U+${unit.toString(16).toUpperCase().padStart(4, '0')}`
}
