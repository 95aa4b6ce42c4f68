import { grouped } from './figures.ts'

export interface ShownLeftovers {
  readonly leftovers: readonly ShownLeftover[]
  readonly leftAlone: readonly { readonly folder: string; readonly because: string }[]
  /** True: nothing was touched. */
  readonly dryRun: boolean
}

export interface ShownLeftover {
  readonly folder: string
  readonly startedAt: string
  readonly pid: number
  readonly folders: readonly string[]
  readonly sizeBytes: number
  readonly servers: readonly number[]
  readonly isKept: boolean
}

/** What `zktune clean` found, and did or would do. Ends with a newline. */
export function cleanText({ leftovers, leftAlone, dryRun }: ShownLeftovers): string {
  const lines = [
    ...leftovers.map((leftover) => lineOf(leftover, dryRun)),
    ...leftAlone.map(({ folder, because }) => `left alone  ${folder} ${because}`),
  ]
  if (leftovers.length === 0) lines.push('There is nothing that a crashed run left.')
  else if (dryRun) lines.push('Nothing was touched. Next: zktune clean')
  return `${lines.join('\n')}\n`
}

function lineOf(
  { folder, startedAt, pid, folders, sizeBytes, servers, isKept }: ShownLeftover,
  dryRun: boolean,
): string {
  const doing = dryRun ? 'would clean' : 'cleaned    '
  const size = `${grouped(sizeBytes / 2 ** 20)} MiB in ${folders.length} ${folders.length === 1 ? 'folder' : 'folders'}`
  const running = servers.length === 0 ? '' : `, servers that still ran: ${servers.join(', ')}`
  const what = isKept ? 'its folders are kept' : size
  return `${doing} ${folder} (run of ${startedAt} by pid ${pid}: ${what}${running})`
}
