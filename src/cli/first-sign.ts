const STARTING = ['bench', 'compare', 'recommend', 'rerun', 'up']
const ASKING = ['--print-config', '--help', '-h']

/** Whether a line means work that takes its time to begin: then something is said at once, before all else is loaded. */
export function startsEnsemble(words: readonly string[]): boolean {
  const command = words.find((word) => !word.startsWith('-'))
  return command !== undefined && STARTING.includes(command) && !words.some((word) => ASKING.includes(word))
}
