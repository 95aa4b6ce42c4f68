import { Dialogue } from './dialogue.ts'
import type { ServersUnderTest } from '../servers-under-test.ts'

const ORDER = /^(?:kill \d+|restart \d+|done)\n/m
/** Between two orders. */
const SILENCE_DEADLINE_MS = 120_000

/**
 * Runs a program that walks a client through its work and prints a line for each fact that it finds. "kill PORT" and
 * "restart PORT" are orders for the servers, after which it waits for a line; the last line is "done".
 *
 * @returns what it says, without the orders
 */
export async function runScript(
  servers: ServersUnderTest,
  command: string,
  words: readonly string[],
): Promise<readonly string[]> {
  await using script = new Dialogue(command, words)
  const lines: string[] = []
  for (;;) {
    const heard = (await script.hear(ORDER, SILENCE_DEADLINE_MS)).trimEnd().split('\n')
    const [order, port] = (heard.pop() ?? '').split(' ')
    lines.push(...heard)
    if (order === 'done') {
      await script.end()
      return lines
    }
    if (order === 'kill') await servers.kill(Number(port))
    else await servers.restart(Number(port))
    script.say(`${order} done`)
  }
}
