import type { SettingReader } from '../setting-reader.ts'

/** What a server tells those who watch over it. */
export interface AdminSettings {
  /** Four letter words that are answered; `srvr` always is. `*` stands for all. */
  readonly fourLetterWords: readonly string[]
}

export function readAdminSettings(from: SettingReader): AdminSettings {
  return { fourLetterWords: readWords(from.get('4lw.commands.whitelist')?.value ?? 'srvr') }
}

function readWords(list: string): readonly string[] {
  const words = list.split(',').map((word) => word.trim())
  return words.includes('*') ? ['*'] : [...new Set(['srvr', ...words.filter((word) => word !== '')])]
}
