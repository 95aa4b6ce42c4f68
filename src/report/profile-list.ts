import type { Profile } from '../profile/profile.ts'
import type { Style } from './style.ts'
import { strong } from './style.ts'

/** All profiles by concern, with what marks them; ends with what to do next and a newline. */
export function profileListText(profiles: readonly Profile[], defaults: readonly string[], style: Style): string {
  const width = Math.max(0, ...profiles.map(({ name }) => name.length))
  const lines: string[] = []
  let concern: string | null = null
  for (const profile of profiles) {
    if (profile.concern !== concern) {
      if (concern !== null) lines.push('')
      concern = profile.concern
      lines.push(strong(concern, style))
    }
    const marks = [
      ...(defaults.includes(profile.name) ? ['default'] : []),
      ...(profile.isUnsafe === true ? ['UNSAFE'] : []),
    ]
    const mark = marks.length === 0 ? '' : ` (${marks.join(', ')})`
    lines.push(`  ${profile.name.padEnd(width)}  ${profile.description}${mark}`)
  }
  lines.push('', 'Next: zktune profiles NAME shows one; zktune bench --profile NAME runs it.')
  return `${lines.join('\n')}\n`
}
