const QUORUM_LINE = /^(?:group|weight)\.\d+=|^zktune\.quorum=/

/** Who votes and what suffices, as a text that two runs can compare. */
export function ensembleForm(
  voters: number,
  settings: readonly { readonly key: string; readonly value: string }[],
): string {
  const lines = settings.map(({ key, value }) => `${key}=${value}`).filter((line) => QUORUM_LINE.test(line))
  return [`${voters} voters`, ...lines.sort()].join(', ')
}

/** The form of the ensemble that a zoo.cfg of `serverConfig` belongs to. */
export function formInConfig(text: string): string {
  const lines = text.split('\n')
  const voters = lines.filter((line) => line.startsWith('server.') && !line.endsWith(':observer')).length
  return [`${Math.max(1, voters)} voters`, ...lines.filter((line) => QUORUM_LINE.test(line)).sort()].join(', ')
}
