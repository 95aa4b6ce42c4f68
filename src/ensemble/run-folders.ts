import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ZktuneError } from '../kernel/errors.ts'
import { formInConfig } from './ensemble-form.ts'
import { markOf, newOwner, OWNER_FILE, writeOwner, type RunOwner } from './run-owner.ts'

/** What servers of either engine keep below a dataDir. */
const DATA_FOLDERS = ['zktune-1', 'version-2']
const SERVER_FOLDER = /^server-(\d+)$/

/** Where one server of a local ensemble lives. */
export interface ServerPlace {
  readonly id: number
  /** Its configuration and what it prints. */
  readonly config: string
  readonly printed: string
  readonly dataDir: string
  /** Null: the transaction log lies in dataDir. */
  readonly dataLogDir: string | null
  /** Folders that hold nothing but this server's files. */
  readonly ownFolders: readonly string[]
}

export interface RunFoldersOptions {
  readonly replicas: number
  /** Folders on real devices in which sub-folders are made; null: beside the configurations. */
  readonly dataParent: string | null
  readonly logParent: string | null
  /** Each server keeps its log in a folder of its own. With `logParent` it does anyway. */
  readonly splitsLog: boolean
  /** A folder that outlives the run and may hold the state of an earlier one; null: a fresh temporary one. */
  readonly folder: string | null
  /** Whether temporary folders are to stay: `zktune clean` leaves them alone then. Default false. */
  readonly isKept?: boolean
  /** How the ensemble votes (`ensembleForm`): a folder that outlives the run must be found as it was left. */
  readonly form?: string
  /** The sub-folder of a dataDir that holds the engine's data: a server that finds it has run here before. */
  readonly dataFolder?: string
}

/**
 * The folders of one run:
 *
 * ```
 * <run>/server-1/zoo.cfg  server.out  data/  (log/)
 * <dataParent>/zktune-…/server-1/data        with dataParent; likewise log with logParent
 * ```
 */
export class RunFolders {
  /** Holds zoo.cfg and the output of each server. */
  readonly run: string
  readonly places: readonly ServerPlace[]
  readonly #roots: readonly string[]
  /** No server had ever run here when this run began. */
  readonly #isFresh: boolean
  /** Made for this run alone. */
  readonly isTemporary: boolean
  /** Null: the folders are not the run's own. */
  #owner: RunOwner | null

  private constructor(
    run: string,
    places: readonly ServerPlace[],
    roots: readonly string[],
    isTemporary: boolean,
    dataFolder: string,
    isKept: boolean,
  ) {
    this.run = run
    this.places = places
    this.#roots = roots
    this.#isFresh = !places.some((place) => existsSync(join(place.dataDir, dataFolder)))
    this.isTemporary = isTemporary
    this.#owner = isTemporary ? newOwner(roots, isKept) : null
    if (this.#owner !== null) writeOwner(this.#owner)
  }

  /** @throws ZktuneError DiskFailed, or ForeignData when `folder` holds an ensemble of another size */
  static async make(options: RunFoldersOptions): Promise<RunFolders> {
    if (options.folder !== null) {
      const run = resolve(options.folder)
      refuseFile(run)
      refuseOtherSize(run, options.replicas)
      if (options.form !== undefined) refuseOtherForm(run, options.form)
      return RunFolders.#lay({ run, dataRoot: null, logRoot: null }, options, false)
    }
    const run = await freshFolder(tmpdir())
    const roots: string[] = [run]
    try {
      const rootIn = async (parent: string | null): Promise<string | null> => {
        if (parent === null) return null
        const root = await freshFolder(resolve(parent))
        roots.push(root)
        return root
      }
      const dataRoot = await rootIn(options.dataParent)
      const logRoot = await rootIn(options.logParent)
      return RunFolders.#lay({ run, dataRoot, logRoot }, options, true)
    } catch (error) {
      for (const root of roots) rmSync(root, { recursive: true, force: true })
      throw error
    }
  }

  static #lay(
    roots: { readonly run: string; readonly dataRoot: string | null; readonly logRoot: string | null },
    { replicas, splitsLog, dataFolder = 'zktune-1', isKept = false }: RunFoldersOptions,
    isTemporary: boolean,
  ): RunFolders {
    const places: ServerPlace[] = []
    for (let id = 1; id <= replicas; id++) {
      const name = `server-${id}`
      const own = join(roots.run, name)
      const ofData = roots.dataRoot === null ? own : join(roots.dataRoot, name)
      const besideData = splitsLog ? ofData : null
      const ofLog = roots.logRoot === null ? besideData : join(roots.logRoot, name)
      const place: ServerPlace = {
        id,
        config: join(own, 'zoo.cfg'),
        printed: join(own, 'server.out'),
        dataDir: join(ofData, 'data'),
        dataLogDir: ofLog === null ? null : join(ofLog, 'log'),
        ownFolders: [...new Set([own, ofData, ...(ofLog === null ? [] : [ofLog])])],
      }
      mkdirSync(own, { recursive: true })
      mkdirSync(place.dataDir, { recursive: true })
      if (place.dataLogDir !== null) mkdirSync(place.dataLogDir, { recursive: true })
      places.push(place)
    }
    const made = [roots.run, roots.dataRoot, roots.logRoot].filter((root) => root !== null)
    for (const { dataDir } of places) refuseOtherEngine(dataDir, dataFolder)
    return new RunFolders(roots.run, places, made, isTemporary, dataFolder, isKept)
  }

  /**
   * Writes what each server reads when it starts: zoo.cfg, its id, and, when no server of the ensemble had ever run,
   * the flag by which an empty voter may vote. One that lost its folder beside others that did not gets no flag: its
   * empty vote could undo what they acknowledged.
   *
   * @param configText the text of one server's zoo.cfg
   */
  write(configText: (place: ServerPlace) => string): void {
    for (const place of this.places) {
      // It may hold passwords.
      writeFileSync(place.config, configText(place), { mode: 0o600 })
      writeFileSync(join(place.dataDir, 'myid'), `${place.id}\n`)
      if (this.#isFresh) writeFileSync(join(place.dataDir, 'initialize'), '')
    }
  }

  /** Notes which processes serve from here, for whoever finds the folders after a crash. */
  noteServers(pids: readonly number[]): void {
    if (this.#owner === null) return
    this.#owner = { ...this.#owner, servers: pids.map(markOf) }
    writeOwner(this.#owner)
  }

  /** Removes everything, when the folders are the run's own; blocks, for it is called while the process ends too. */
  removeNow(): void {
    if (!this.isTemporary) return
    for (const root of this.#roots) rmSync(root, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** For a server whose parent is gone: its own folders, and the run's once the last server has left it. */
export function removeOrphanedNow(ownFolders: readonly string[]): void {
  for (const folder of ownFolders) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  for (const root of new Set(ownFolders.map((folder) => dirname(folder)))) {
    try {
      const isLast = readdirSync(root).every((name) => name === OWNER_FILE)
      if (isLast) rmSync(join(root, OWNER_FILE), { force: true })
      rmdirSync(root)
    } catch {
      // Another server is still in it, or was faster.
    }
  }
}

async function freshFolder(parent: string): Promise<string> {
  try {
    return await mkdtemp(join(parent, 'zktune-'))
  } catch (error) {
    throw new ZktuneError('DiskFailed', {
      where: parent,
      what: `no folder can be made in it: ${error instanceof Error ? error.message : String(error)}`,
      mend: 'Name a folder that exists and that you may write to.',
      cause: error,
    })
  }
}

function refuseFile(folder: string): void {
  if (!existsSync(folder) || statSync(folder).isDirectory()) return
  throw new ZktuneError('DiskFailed', { where: folder, what: 'this is no folder', mend: 'Name one, or a new one.' })
}

function refuseOtherSize(folder: string, replicas: number): void {
  const ids = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => {
        const digits = SERVER_FOLDER.exec(name)?.[1]
        return digits === undefined ? [] : [Number(digits)]
      })
    : []
  if (ids.length === 0 || (ids.length === replicas && Math.max(...ids) === replicas)) return
  throw new ZktuneError('ForeignData', {
    where: folder,
    what: `it holds an ensemble of ${ids.length} servers, and ${replicas} are asked for`,
    mend: `Ask for ${ids.length}, or name another folder.`,
  })
}

/** Other voters, or other quorums of them, need not have any server in common that knows what was acknowledged. */
function refuseOtherForm(folder: string, form: string): void {
  const file = join(folder, 'server-1', 'zoo.cfg')
  if (!existsSync(file)) return
  const found = formInConfig(readFileSync(file, 'latin1'))
  if (found === form) return
  throw new ZktuneError('ForeignData', {
    where: folder,
    what: `its ensemble decides by "${found}", and "${form}" is asked for, which could lose acknowledged writes`,
    mend: 'Ask for the same, or name another folder.',
  })
}

/** One engine on the other's data would begin empty, as if nothing had ever been written. */
function refuseOtherEngine(dataDir: string, dataFolder: string): void {
  const other = DATA_FOLDERS.find((name) => name !== dataFolder && existsSync(join(dataDir, name)))
  if (other === undefined) return
  throw new ZktuneError('ForeignData', {
    where: join(dataDir, other),
    what: `it holds the data of ${other === 'version-2' ? 'Apache ZooKeeper' : 'the built-in engine'}`,
    mend: `Ask for --engine ${other === 'version-2' ? 'apache' : 'builtin'}, or name another folder.`,
  })
}
