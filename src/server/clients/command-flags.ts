import { COMMAND_FLAG } from '../../tree/command.ts'
import type { TreeSettings } from '../../zoocfg/settings/tree-settings.ts'

/**
 * What the commands of this server's clients carry of its settings. It is decided here, before the command is proposed, so
 * that replicas whose settings differ still apply it alike.
 *
 * @returns a sum of COMMAND_FLAG bits
 */
export function commandFlagsOf(settings: TreeSettings): number {
  return (
    (settings.extendedTypesEnabled ? COMMAND_FLAG.extendedTypes : 0) |
    (settings.enforceQuota ? COMMAND_FLAG.enforceQuota : 0) |
    (settings.reconfigEnabled ? COMMAND_FLAG.reconfig : 0)
  )
}
