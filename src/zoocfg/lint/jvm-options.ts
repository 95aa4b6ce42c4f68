import type { JvmOptions } from './host-facts.ts'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1024],
  ['m', 1024 ** 2],
  ['g', 1024 ** 3],
  ['t', 1024 ** 4],
])

/**
 * What a `java.env` or `zookeeper-env.sh` gives the JVM: its `-D` and `-Xmx` options, and the two variables that
 * `zkEnv.sh` makes options of (`ZK_SERVER_HEAP` in MiB, `JMXDISABLE` is not among them). Quotes are taken off, comments
 * are passed by, and shell expansions stay as they are written: a value with a `$` is unknown, not guessed.
 */
export function readJvmOptions(file: string, text: string): JvmOptions {
  const properties = new Map<string, string>()
  const lines = new Map<string, number>()
  let heapMaxBytes: number | null = null
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^\s*#/.test(line)) continue
    const heap = /^\s*(?:export\s+)?ZK_SERVER_HEAP=["']?(\d+)["']?\s*$/.exec(line)?.[1]
    if (heap !== undefined) heapMaxBytes ??= Number(heap) * 1024 ** 2
    for (const [, name = '', quoted, bare] of line.matchAll(/-D([\w.-]+)(?:=(?:(["'])(?:.*?)\2|([^\s"']*)))?/g)) {
      const value =
        quoted === undefined ? (bare ?? '') : (new RegExp(`-D${name}=${quoted}(.*?)${quoted}`).exec(line)?.[1] ?? '')
      if (value.includes('$')) continue
      properties.set(name, value)
      lines.set(name, index + 1)
    }
    const size = /-Xmx(\d+)([kmgt]?)/i.exec(line)
    if (size !== null) heapMaxBytes = Number(size[1]) * (UNITS.get((size[2] ?? '').toLowerCase()) ?? 1)
  }
  return { file, properties, lines, heapMaxBytes }
}
