import fs from 'node:fs'
import path from 'node:path'

/**
 * The file system a path lies on, by its name in the mount table: `ext4`, `xfs`, `tmpfs`, `overlay`. A path that does not
 * exist yet is judged by its nearest folder that does.
 *
 * @returns null when it cannot be told (no /proc: not Linux)
 */
export function fileSystemType(file: string): string | null {
  let mountTable: string
  try {
    mountTable = fs.readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return null
  }
  let existing = path.resolve(file)
  while (!fs.existsSync(existing) && existing !== path.dirname(existing)) existing = path.dirname(existing)
  try {
    return fileSystemTypeIn(mountTable, fs.realpathSync(existing))
  } catch {
    return null // removed meanwhile, or not ours to look at
  }
}

/**
 * @param mountTable the text of /proc/self/mountinfo. Source: proc_pid_mountinfo(5): field 5 is the mount point, the type
 *   follows the separator `-`
 * @param realPath absolute, without symbolic links
 */
export function fileSystemTypeIn(mountTable: string, realPath: string): string | null {
  let longest = -1
  let type: string | null = null
  for (const line of mountTable.split('\n')) {
    const fields = line.split(' ')
    const mountPoint = unescapeOctal(fields[4] ?? '')
    const found = fields[fields.indexOf('-', 6) + 1]
    if (mountPoint === '' || found === undefined || fields.indexOf('-', 6) === -1) continue
    const isBelow = mountPoint === '/' || realPath === mountPoint || realPath.startsWith(`${mountPoint}/`)
    // Of equal mount points the later one covers the earlier.
    if (isBelow && mountPoint.length >= longest) {
      longest = mountPoint.length
      type = found
    }
  }
  return type
}

/** The mount table writes a space, tab, newline or backslash as `\040` and the like. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
