import { readEngineSettings } from './engine-settings.ts'
import type { Findings, NotHonoured, Setting } from './findings.ts'
import { checkOtherSettings } from './zoo-cfg.ts'

const INT_MAX = String(2 ** 31 - 1)

/**
 * Checks one setting by itself, for layers of settings that only together make a configuration: whether they agree with
 * each other is for `readEngineSettings` of the whole.
 *
 * @returns why the built-in engine does not act on it, or null when it does
 */
export function checkSetting(setting: Setting, findings: Findings): NotHonoured | null {
  const settings = new Map([[setting.key, setting]])
  // The session bounds are checked against each other: a wide partner keeps a lone one from failing.
  if (setting.key === 'minSessionTimeout') {
    settings.set('maxSessionTimeout', { ...setting, key: 'maxSessionTimeout', value: INT_MAX })
  }
  if (setting.key === 'maxSessionTimeout') {
    settings.set('minSessionTimeout', { ...setting, key: 'minSessionTimeout', value: '0' })
  }
  // So would enforcement without a scheme.
  if (setting.key === 'enforce.auth.enabled') {
    settings.set('enforce.auth.schemes', { ...setting, key: 'enforce.auth.schemes', value: 'ip' })
  }
  readEngineSettings(settings, findings)
  return checkOtherSettings([setting], findings)[0] ?? null
}
