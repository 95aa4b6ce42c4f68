import { Dialogue } from './dialogue.ts'
import { ZKCLI } from '../servers-under-test.ts'

/**
 * How zkCli.sh prints an event, from a thread of its own: two separate `println`, of which an answer may come in between
 * (one in some 150 events on a quiet machine). Each of the two stands in one piece.
 */
const ANNOUNCEMENT = /\nWATCHER::\n/g
const EVENT = /\nWatchedEvent state:(\w+) type:(\w+) path:(\S+)\n/g

/** zkCli.sh, line by line. Without a terminal it shows no prompt, so a question whose answer is known ends each answer. */
export class ZkCli implements AsyncDisposable {
  readonly #dialogue: Dialogue
  #asked = 0
  #events: string[] = []

  constructor(hosts: string, options: readonly string[] = []) {
    this.#dialogue = new Dialogue('bash', [
      '-c',
      // Errors come on the other stream: one pipe keeps them in order.
      'exec "$0" "$@" 2>&1',
      ZKCLI,
      ...['-waitforconnection', '-timeout', '10000', '-server', hosts, ...options],
    ])
  }

  /** Waits until it is connected. Its events begin with that. */
  async begin(): Promise<void> {
    this.#takeEvents(await this.#dialogue.hear(/JLine support is disabled\n/))
  }

  /** @returns the lines it answers, without the events among them, and with all that differs between runs masked */
  async ask(command: string): Promise<string[]> {
    const text = await this.answerTo(command)
    const lines = text.split('\n').filter((line) => line !== '')
    // The ids of a connection are a set.
    return command === 'whoami' ? lines.sort() : lines.map(masked)
  }

  /** As it stands. Of several commands, joined by ` ;; `, the last must leave it connected. */
  async answerTo(command: string): Promise<string> {
    const marker = `/marker-${++this.#asked}`
    for (const each of command.split(' ;; ')) this.#dialogue.say(each)
    this.#dialogue.say(`ls ${marker}`)
    const text = await this.#dialogue.hear(new RegExp(`.* ${marker}\n`))
    return this.#takeEvents(text).replace(new RegExp(`.* ${marker}\n$`), '')
  }

  /** As many events, in the order in which they came. */
  async events(count: number): Promise<string[]> {
    while (this.#events.length < count) this.#takeEvents(await this.#dialogue.hear(new RegExp(EVENT, '')))
    const events = this.#events
    this.#events = []
    return events
  }

  async end(): Promise<void> {
    this.#dialogue.say('ls /') // its exit code is that of the last command
    this.#dialogue.say('quit')
    await this.#dialogue.end()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dialogue[Symbol.asyncDispose]()
  }

  /** @returns the text without them */
  #takeEvents(text: string): string {
    for (const [, state, type, path] of text.matchAll(EVENT)) this.#events.push(`${state} ${type} ${path}`)
    return text.replace(ANNOUNCEMENT, '').replace(EVENT, '')
  }
}

/** What differs between runs, and the order of lists that promise none. */
function masked(line: string): string {
  return line
    .replace(/^(\w+time|[cmp]Zxid) = .*/, '$1 = …')
    .replace(/Owner = 0x[1-9a-f].*/, 'Owner = mine')
    .replace(/^(version=)?[1-9a-f][0-9a-f]*00000000\b/, '$1EPOCH')
    .replace(/\b127\.0\.0\.1:\d+:\d+/, '127.0.0.1:QUORUM:ELECTION')
    .replace(/\b(127\.0\.0\.1|0\.0\.0\.0):\d+\b/, '$1:CLIENT')
    .replace(/^\[(.*)\]$/, (_, list: string) => `[${list.split(', ').sort().join(', ')}]`)
}
