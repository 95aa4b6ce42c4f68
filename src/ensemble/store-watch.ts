import { statSync } from 'node:fs'
import type { TlsServerOptions } from '../kernel/ports.ts'
import type { TlsSettings } from '../zoocfg/settings/tls-settings.ts'
import { tlsOptionsOf } from './client-tls.ts'

const LOOK_AGAIN_MS = 1_000

/** Looks at the files of a server's TLS now and then, and tells when one has changed. */
export class StoreWatch {
  readonly #tls: TlsSettings
  readonly #onChange: (options: TlsServerOptions) => void
  readonly #onFault: (error: Error) => void
  readonly #timer: NodeJS.Timeout
  #seen: string

  /**
   * @param onChange gets what the files hold now
   * @param onFault the new files cannot be used, so the old ones stay in use
   */
  constructor(tls: TlsSettings, onChange: (options: TlsServerOptions) => void, onFault: (error: Error) => void) {
    this.#tls = tls
    this.#onChange = onChange
    this.#onFault = onFault
    this.#seen = this.#look()
    this.#timer = setInterval(() => this.#lookAgain(), LOOK_AGAIN_MS)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #lookAgain(): void {
    const seen = this.#look()
    if (seen === this.#seen) return
    this.#seen = seen
    try {
      this.#onChange(tlsOptionsOf(this.#tls))
    } catch (error) {
      this.#onFault(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** What would differ after a change, also one that puts another file in the place of the old one. */
  #look(): string {
    const { keyStore, trustStore } = this.#tls
    const paths = [keyStore.location, keyStore.passwordPath, trustStore.location, trustStore.passwordPath]
    return paths
      .map((path) => {
        const file = path === null ? undefined : statSync(path, { throwIfNoEntry: false })
        return file === undefined ? 'none' : `${file.ino} ${file.size} ${file.mtimeMs}`
      })
      .join(', ')
  }
}
