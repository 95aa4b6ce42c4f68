/** The znode that a client sees as its root: put before paths on their way out, taken off on their way in. */
export class Chroot {
  readonly #root: string

  /** @param root starts with `/` and does not end with it; empty for the whole tree */
  constructor(root: string) {
    this.#root = root
  }

  /** As the server knows the path. */
  absolute(path: string): string {
    if (this.#root === '') return path
    return path === '/' ? this.#root : this.#root + path
  }

  /** As the client knows it; a path outside of the root, which a server has no reason to send, stays as it is. */
  relative(path: string): string {
    if (this.#root === '' || !path.startsWith(this.#root)) return path
    if (path.length === this.#root.length) return '/'
    return path.charAt(this.#root.length) === '/' ? path.slice(this.#root.length) : path
  }
}
