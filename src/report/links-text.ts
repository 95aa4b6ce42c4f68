import type { PlannedLink } from '../profile/plan.ts'

/** `20 ms each way, up to 5 ms more, 0.1 % lost` of all links, with the range where they differ; null when there are none. */
export function linksText(links: readonly PlannedLink[]): string | null {
  if (links.length === 0) return null
  const most = (values: readonly number[]): number => Math.max(...values)
  const delays = links.map(({ delayMs }) => delayMs)
  const least = Math.min(...delays)
  const delay = least === most(delays) ? String(least) : `${least} to ${most(delays)}`
  const jitterMs = most(links.map((link) => link.jitterMs))
  const loss = most(links.map(({ lossPercent }) => lossPercent))
  return [
    `${delay} ms each way`,
    ...(jitterMs === 0 ? [] : [`up to ${jitterMs} ms more`]),
    ...(loss === 0 ? [] : [`${loss} % lost`]),
  ].join(', ')
}

/** One line for each link where they differ in their delay, else one for all: its name and what it is. */
export function linkRows(links: readonly PlannedLink[]): readonly (readonly [name: string, text: string])[] {
  const all = linksText(links)
  if (all === null) return []
  if (links.every(({ delayMs }) => delayMs === links[0]?.delayMs)) return [['links', all]]
  return links.map((link) => [`link ${link.a}-${link.b}`, linksText([link]) ?? ''])
}
