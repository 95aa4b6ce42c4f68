import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vitest/config'

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url))
const BUILT = fileURLToPath(new URL('../dist/', import.meta.url))

/**
 * The tests name the sources, and get what is built of them: that is what users run, and its processes start at once, where
 * the sources are compiled again by each.
 */
export function whatIsBuilt(): Plugin {
  return {
    name: 'what-is-built',
    enforce: 'pre',
    async resolveId(source, importer) {
      if (!source.endsWith('.ts')) return null
      const resolved = await this.resolve(source, importer, { skipSelf: true })
      if (resolved === null || !resolved.id.startsWith(SOURCES)) return null
      return BUILT + resolved.id.slice(SOURCES.length).replace(/\.ts$/, '.js')
    },
  }
}
