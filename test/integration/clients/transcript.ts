/**
 * A conversation with a shell, as a file: what is asked, what Apache ZooKeeper 3.8.0 makes the shell answer, and the events
 * that come of it. The file is the script of a run and at once what it must come to.
 *
 *   # a note, for the reader
 *   > what is asked; several commands with one answer are joined by " ;; "
 *   a line of the answer
 *   ! an event
 */
export interface Step {
  readonly command: string
  readonly answer: readonly string[]
  readonly events: readonly string[]
}

/** The part of a shell that a transcript needs. */
export interface Shell {
  /** The lines it answers, with all that differs between runs masked. */
  ask(command: string): Promise<readonly string[]>
  /** Waits for as many events. @returns all that came, in order */
  events(count: number): Promise<readonly string[]>
}

export function readTranscript(text: string): Step[] {
  const steps: { command: string; answer: string[]; events: string[] }[] = []
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const step = steps.at(-1)
    if (line.startsWith('> ')) steps.push({ command: line.slice(2), answer: [], events: [] })
    else if (line.startsWith('! ')) step?.events.push(line.slice(2))
    else step?.answer.push(line)
  }
  return steps
}

/** One string a step, so that a difference shows the command that it follows. */
export function asText({ command, answer, events }: Step): string {
  return [`> ${command}`, ...answer, ...events.map((event) => `! ${event}`)].join('\n')
}

/** Asks all that the steps ask. @returns the steps as they went: events stand with the step that they belong to by the steps given */
export async function replay(shell: Shell, steps: readonly Step[]): Promise<Step[]> {
  const went: Step[] = []
  for (const { command, events } of steps) {
    const answer = await shell.ask(command)
    went.push({ command, answer, events: events.length === 0 ? [] : await shell.events(events.length) })
  }
  return went
}
