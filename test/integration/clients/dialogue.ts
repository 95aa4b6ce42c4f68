import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

/** A program that is talked to over its standard input and output, like a person at a terminal would. */
export class Dialogue implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exited: Promise<number | null>
  #heard = ''
  #complaints = ''
  #onHeard: () => void = () => undefined

  constructor(command: string, words: readonly string[]) {
    // A group of its own: scripts start programs that would outlive them.
    this.#child = spawn(command, words, { detached: true })
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#heard += chunk.toString()
      this.#onHeard()
    })
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints += chunk.toString()
    })
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        resolve(code)
        this.#onHeard()
      })
    })
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /**
   * Waits until what was said since the last call matches.
   *
   * @returns everything up to the end of the match
   * @throws when the deadline passes or the program ends first, with all that was said
   */
  async hear(pattern: RegExp, deadlineMs = 30_000): Promise<string> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.#inVain(pattern, `${deadlineMs} ms`)), deadlineMs)
    })
    try {
      for (;;) {
        const match = pattern.exec(this.#heard)
        if (match !== null) {
          const end = match.index + match[0].length
          const text = this.#heard.slice(0, end)
          this.#heard = this.#heard.slice(end)
          return text
        }
        if (this.#child.exitCode !== null) throw this.#inVain(pattern, 'it ended')
        await Promise.race([late, new Promise<void>((resolve) => (this.#onHeard = resolve))])
      }
    } finally {
      clearTimeout(timer)
    }
  }

  /** All that was said since the last `hear`, once the program has ended. */
  async end(): Promise<string> {
    this.#child.stdin.end()
    const code = await this.#exited
    if (code !== 0) throw new Error(`it ended with ${code}:\n${this.#heard}\n${this.#complaints}`)
    return this.#heard
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    await this.#exited
  }

  #inVain(pattern: RegExp, until: string): Error {
    return new Error(`waited for ${String(pattern)} until ${until}; heard:\n${this.#heard}\n${this.#complaints}`)
  }
}
