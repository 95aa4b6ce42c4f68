import type { Variable } from './container.ts'

/** A line of `NAME=value`, as Docker's `--env-file`, Compose's `env_file` and shells have it. */
const VARIABLE = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/

/** The variables of a file of them; quotes around a value are taken off, as Compose does. */
export function readEnvFile(text: string): readonly Variable[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    const [, name, value = ''] = VARIABLE.exec(line) ?? []
    if (name === undefined) return []
    const [, , bare = value] = /^(["'])(.*)\1$/.exec(value) ?? []
    return [{ name, value: bare, place: { line: index + 1, column: line.indexOf(name) + 1 } }]
  })
}
