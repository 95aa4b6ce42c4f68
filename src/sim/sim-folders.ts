import type { Prng } from '../kernel/prng.ts'
import { SimFile } from './sim-file.ts'

type EntryChange =
  | { readonly kind: 'create'; readonly path: string; readonly file: SimFile }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string; readonly file: SimFile }
  | { readonly kind: 'remove'; readonly path: string }

/**
 * Which files there are, twice: as the operating system shows it, and as the disk has it for sure. A folder itself is
 * durable once made: only what it lists may be forgotten.
 */
export class SimFolders {
  readonly #folders = new Set<string>(['/'])
  readonly #seen = new Map<string, SimFile>()
  readonly #durable = new Map<string, SimFile>()
  #unsynced: EntryChange[] = []

  get(path: string): SimFile | undefined {
    return this.#seen.get(path)
  }

  /** Sorted by path. */
  paths(): string[] {
    return [...this.#seen.keys()].sort()
  }

  hasFolder(folder: string): boolean {
    return this.#folders.has(folder)
  }

  makeFolder(folder: string): void {
    for (let path = folder; !this.#folders.has(path); path = folderOf(path)) this.#folders.add(path)
  }

  list(folder: string): string[] {
    const names = new Set<string>()
    for (const path of [...this.#seen.keys(), ...this.#folders]) {
      if (path !== '/' && folderOf(path) === folder) names.add(path.slice(path.lastIndexOf('/') + 1))
    }
    return [...names].sort()
  }

  create(path: string): SimFile {
    const file = new SimFile()
    this.#seen.set(path, file)
    this.#unsynced.push({ kind: 'create', path, file })
    return file
  }

  rename(path: string, to: string, file: SimFile): void {
    this.#seen.delete(path)
    this.#seen.set(to, file)
    this.#unsynced.push({ kind: 'rename', path, to, file })
  }

  remove(path: string): void {
    this.#seen.delete(path)
    this.#unsynced.push({ kind: 'remove', path })
  }

  sync(folder: string): void {
    this.#unsynced = this.#unsynced.filter((change) => {
      if (folderOf(change.path) !== folder) return true
      this.#makeDurable(change)
      return false
    })
  }

  loseProcess(prng: Prng): void {
    for (const path of this.paths()) this.#seen.get(path)?.loseProcess(prng)
  }

  /** The machine loses power: of the entries that no sync covered, chance decides, and so of each file's contents. */
  losePower(prng: Prng): void {
    const changes = this.#unsynced
    this.#unsynced = []
    const keptCount = prng.chance(0.5) ? prng.below(changes.length + 1) : null
    changes.forEach((change, index) => {
      if (keptCount === null ? prng.chance(0.5) : index < keptCount) this.#makeDurable(change)
    })
    this.#seen.clear()
    for (const [path, file] of [...this.#durable].sort(([left], [right]) => (left < right ? -1 : 1))) {
      this.#seen.set(path, file)
      file.losePower(prng)
    }
  }

  wipe(): void {
    this.#seen.clear()
    this.#durable.clear()
    this.#unsynced = []
    this.#folders.clear()
    this.#folders.add('/')
  }

  #makeDurable(change: EntryChange): void {
    switch (change.kind) {
      case 'create':
        this.#durable.set(change.path, change.file)
        break
      case 'rename':
        if (this.#durable.get(change.path) === change.file) this.#durable.delete(change.path)
        this.#durable.set(change.to, change.file)
        break
      case 'remove':
        this.#durable.delete(change.path)
    }
  }
}

export function folderOf(path: string): string {
  const slashAt = path.lastIndexOf('/')
  return slashAt <= 0 ? '/' : path.slice(0, slashAt)
}
