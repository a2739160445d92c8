import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Writable } from 'node:stream'
import { isOwnerAlive, letGo, ownerNow } from '../../bin/lib/lock.mjs'
import { InputError, suggestion } from '../../shared/base/errors'
import { parseExperiment } from '../../shared/experiment/experiment'
import type { RunList } from '../../shared/protocol/runs'
import { decodeMessage, encodeMessage } from '../../shared/protocol/transport'
import { curvesCsv, curvesOf } from '../../shared/runs/curves'
import {
  isRunId,
  isTrainingKind,
  parseEnvironment,
  parseRunChanges,
  runName,
  type RunChanges,
  type RunDocument,
  type RunEnvironment,
  type RunEntry,
  type RunKind,
  type RunState,
} from '../../shared/runs/run'
import { networksOf, summaryOf } from '../../shared/runs/summary'
import type { Experiment } from '../../shared/settings/experiment'
import { makePrivateFolder, serialised, type Serialised } from '../files/data-folder'
import { readTextFile } from '../files/read'
import { replaceFile, withoutTemporary } from '../files/write'
import { fillFolder, isTemporaryFolder, putFolder, temporaryFolderOf } from '../files/write-now'
import { CHECKPOINT_FILE } from '../trainer/engine/checkpoint/checkpoint'
import { readArchive, writeArchive } from './archive'
import { checkUnpacked } from './imported'
import { readIndex, writeIndex, type IndexedRun } from './index-file'
import { makeRunFolder } from './names'
import {
  bytesOf,
  CELLS_FILE,
  CURVES_FILE,
  ENVIRONMENT_FILE,
  EXPERIMENT_FILE,
  NewerRun,
  readStored,
  reasonOf,
  RESULT_FILE,
  RUN_FILE,
  stampOf,
  storedText,
  type StoredRun,
} from './stored'

/** Names cause and hint. */
class Unwritable extends Error {}

/** What a run is before there is a result. */
export interface NewRun {
  kind: RunKind
  /** Null: its id. */
  name: string | null
  experiment: Experiment
  /** What was asked for beside the experiment. */
  request: Record<string, unknown>
  command: string | null
  version: string
  /** ISO 8601. */
  created: string
}

/** How a run came out. */
export interface Outcome {
  state: Exclude<RunState, 'running'>
  started: unknown
  result: unknown
  seconds: number
  environment: RunEnvironment
}

export interface LibraryOptions {
  /** Told of every change, whoever made it. */
  onChange?: (changed: RunEntry[], gone: string[]) => void
  /** MB that measurements may take. */
  megabytes?: () => number
}

export type RunLibrary = ReturnType<typeof openRunLibrary>

const MB = 1e6
const DAY_MS = 86_400_000
/** After so many days the trash is emptied of a run. */
const TRASH_DAYS = 30
/** Of a killed process; a living one is done with its own long before. */
const LEFT_MS = 3_600_000
/** How long another machine's run counts as at work after its last sign of life. */
const QUIET_MS = 600_000
/** Changes come in crowds; the index is written once for all of them. */
const INDEX_MS = 1000
/** Bytes of a result, as text: a training of many networks has some tens of millions. */
const LARGEST_RESULT = 512 * 2 ** 20
/** What a training goes on from. */
const CHECKPOINTS = [CHECKPOINT_FILE, CELLS_FILE]

/**
 * The library of runs of a data folder: a folder for each run, and an index that is made from them. Several processes
 * may work on it: a run is one file that is replaced as a whole while the data folder's lock is held, and what another
 * process has changed is seen at the next list.
 */
export function openRunLibrary(
  dataFolder: string,
  inTurn: Serialised = serialised(dataFolder),
  { onChange = () => {}, megabytes = () => Infinity }: LibraryOptions = {},
) {
  const library = path.join(dataFolder, 'runs')
  const known = new Map<string, IndexedRun>()
  let newer: string | null = null
  let isOpened = false
  let indexTimer: NodeJS.Timeout | undefined
  let indexWrite: Promise<void> = Promise.resolve()
  let isIndexOld = false
  const folderOf = (id: string) => path.join(library, id)
  const fileOf = (id: string, name: string) => path.join(library, id, name)

  /** What the folders hold now. @returns what cannot be read, as sentences @throws Error where the library cannot */
  function refresh(): string[] {
    if (!isOpened) open()
    const problems: string[] = []
    const there = new Set<string>()
    const changed: RunEntry[] = []
    for (const found of folders()) {
      const id = found.name
      try {
        const stamp = stampOf(fileOf(id, RUN_FILE))
        there.add(id)
        const old = known.get(id)
        if (old?.stamp === stamp) continue
        const { entry, owner } = readStored(library, id)
        known.set(id, { stamp, entry, owner })
        changed.push(living(known.get(id)!).entry)
      } catch (error) {
        there.delete(id)
        if (isBeingMade(id, error)) continue
        problems.push(`${folderOf(id)} is no run that can be read (${wordsOf(error)}). It is left as it is.`)
      }
    }
    const gone = [...known.keys()].filter((id) => !there.has(id))
    gone.forEach((id) => known.delete(id))
    told(changed, gone)
    return problems
  }

  function open() {
    const index = readIndex(library)
    if (index.kind === 'newer')
      newer =
        `A newer version of Residual Lab wrote the index of ${library} (its form is ${String(index.version)}). ` +
        'It is left as it is; runs are read from their folders, and new ones are kept beside them.'
    if (index.kind === 'read') for (const run of index.runs) known.set(run.entry.id, run)
    isOpened = true
    removeLeftovers()
  }

  function folders(): fs.Dirent[] {
    try {
      return fs
        .readdirSync(library, { withFileTypes: true })
        .filter((one) => one.isDirectory() && isRunId(one.name))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw new Error(`The library ${library} could not be read (${reasonOf(error)}). Make it readable.`, {
        cause: error,
      })
    }
  }

  /** A folder that another process has just made and not yet filled. */
  function isBeingMade(id: string, error: unknown): boolean {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return false
    try {
      return fs.readdirSync(folderOf(id)).length === 0
    } catch {
      return true
    }
  }

  /** What a killed process left: folders that nobody has found under a run's name, and names that were never filled. */
  function removeLeftovers() {
    let all: fs.Dirent[]
    try {
      all = fs.readdirSync(library, { withFileTypes: true })
    } catch {
      return
    }
    for (const { name } of all) {
      const isTemporary = isTemporaryFolder(name)
      if (!isTemporary && (known.has(name) || !isRunId(name))) continue
      try {
        const one = folderOf(name)
        if (Date.now() - fs.statSync(one).mtimeMs < LEFT_MS) continue
        if (isTemporary) fs.rmSync(one, { recursive: true })
        // Fails where there is anything in it.
        else fs.rmdirSync(one)
      } catch {
        // A run, gone meanwhile, or not ours to remove.
      }
    }
  }

  /** A run whose process has ended is not running any more, whatever its file says. */
  function living(run: IndexedRun): IndexedRun {
    if (run.entry.state !== 'running' || isAtWork(run)) return run
    const canResume = hasCheckpoint(run.entry)
    return { ...run, entry: { ...run.entry, state: 'interrupted', canResume } }
  }

  function isAtWork({ entry, owner }: IndexedRun): boolean {
    const isAlive = owner && isOwnerAlive(owner)
    if (isAlive !== null) return isAlive
    try {
      return Date.now() - Math.max(...signsOfLife(entry.id)) < QUIET_MS
    } catch {
      return false
    }
  }

  const signsOfLife = (id: string) =>
    [folderOf(id), ...CHECKPOINTS.map((name) => fileOf(id, name))].map(
      (one) => fs.statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0,
    )

  const hasCheckpoint = (entry: RunEntry) => hasCheckpointIn(folderOf(entry.id), entry)

  function told(changed: RunEntry[], gone: string[]) {
    if (!changed.length && !gone.length) return
    isIndexOld = true
    indexTimer ??= setTimeout(() => void saveIndex(), INDEX_MS).unref()
    onChange(changed, gone)
  }

  /** A library that takes no index works without one. */
  async function saveIndex() {
    clearTimeout(indexTimer)
    indexTimer = undefined
    if (!isIndexOld || newer) return indexWrite
    isIndexOld = false
    indexWrite = indexWrite.then(() => writeIndex(library, [...known.values()])).catch(() => {})
    return indexWrite
  }

  function existing(id: string): IndexedRun {
    refresh()
    const found = isRunId(id) ? known.get(id) : undefined
    if (found) return living(found)
    const hint = suggestion(id, [...known.keys()], 'It may have been deleted elsewhere.')
    throw new InputError('run', `there is no run "${id}"`, hint)
  }

  /** Changes wait for each other. @throws InputError; Error that names cause and hint */
  async function change<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await inTurn(work)
    } catch (error) {
      throw unwritable(error)
    }
  }

  const unwritable = (error: unknown) =>
    error instanceof InputError || error instanceof Unwritable
      ? error
      : new Unwritable(
          `The library of runs ${library} could not be changed (${reasonOf(error)}). ` +
            'Free some space there, make it writable, or set RESIDUAL_LAB_DATA to another folder.',
          { cause: error },
        )

  /** Writes what was read while the lock is held, less what `edit` changes. */
  async function edit(id: string, next: (stored: StoredRun) => StoredRun): Promise<RunEntry> {
    const shown = existing(id)
    const stored = readStored(library, id)
    // What a dead process left running is written down as interrupted with the first change.
    const now = next({
      ...stored,
      entry: { ...stored.entry, state: shown.entry.state, canResume: shown.entry.canResume },
    })
    await replaceFile(fileOf(id, RUN_FILE), storedText(now))
    return noted(now)
  }

  /** A run of which this process has just written the file. */
  function noted({ entry, owner }: StoredRun): RunEntry {
    known.set(entry.id, { stamp: stampOf(fileOf(entry.id, RUN_FILE)), entry, owner })
    told([entry], [])
    return entry
  }

  function firstEntry(id: string, run: NewRun, name: string | null, state: RunState): RunEntry {
    const { kind, experiment, command, version, created } = run
    return {
      ...{ id, name: name ?? id, kind, created, seconds: 0, state, device: '', version },
      ...{ seed: experiment.seed, ...summaryOf({ kind, experiment, result: null }) },
      ...{ note: '', tags: [], pinned: false, bytes: 0, command, removed: null, canResume: false },
    }
  }

  /**
   * @param fill the run's folder, which is there and empty
   * @throws InputError for a name that is none; Error that names cause and hint
   */
  function make(fill: (folder: string, id: string) => void): string {
    try {
      refresh()
      makePrivateFolder(library)
      const id = makeRunFolder(
        library,
        folders().map((one) => one.name),
      )
      try {
        fill(folderOf(id), id)
      } catch (error) {
        // Nobody has seen it yet.
        fs.rmSync(folderOf(id), { recursive: true, force: true })
        throw error
      }
      return id
    } catch (error) {
      throw unwritable(error)
    }
  }

  const nameOf = ({ name }: NewRun) => (name === null ? null : runName(name, 'name'))

  function filesOf(entry: RunEntry, experiment: Experiment, outcome: Outcome) {
    const { started, result, environment } = outcome
    const curves = curvesOf(entry.kind, result, networksOf(entry.kind, experiment))
    return {
      [EXPERIMENT_FILE]: experimentText(experiment),
      [RESULT_FILE]: `${encodeMessage({ started, result: withoutWeights(result) })}\n`,
      [CURVES_FILE]: curvesCsv(curves),
      [ENVIRONMENT_FILE]: `${JSON.stringify(environment, null, 2)}\n`,
    }
  }

  function ended(entry: RunEntry, experiment: Experiment, outcome: Outcome, bytes: number): RunEntry {
    const { state, result, seconds, environment } = outcome
    return {
      ...entry,
      ...summaryOf({ kind: entry.kind, experiment, result }),
      ...{ state, bytes, device: environment.device, seconds: entry.seconds + seconds },
      canResume: state !== 'finished' && hasCheckpoint(entry),
    }
  }

  /** The oldest measurements go, where all of them take more than they may; trainings and what is pinned stay. */
  function makeRoom(latest: string) {
    const measurements = [...known.values()]
      .map(({ entry }) => entry)
      .filter(({ id, kind, pinned }) => !isTrainingKind(kind) && !pinned && id !== latest)
      .sort((a, b) => (a.created < b.created ? -1 : 1))
    let left = measurements.reduce((sum, { bytes }) => sum + bytes, known.get(latest)?.entry.bytes ?? 0)
    const gone: string[] = []
    for (const { id, bytes } of measurements) {
      if (left <= megabytes() * MB) break
      erase(id)
      left -= bytes
      gone.push(id)
    }
    told([], gone)
  }

  /** Deletes what has been in the trash for so many days. @returns how many there were */
  function emptyOld(days: number): number {
    const last = new Date(Date.now() - days * DAY_MS).toISOString()
    const old = [...known.values()].filter(({ entry }) => entry.removed !== null && entry.removed <= last)
    old.forEach(({ entry }) => erase(entry.id))
    told(
      [],
      old.map(({ entry }) => entry.id),
    )
    return old.length
  }

  /** By its name first, so that nobody finds half of it. */
  function erase(id: string) {
    const aside = path.join(library, `.${id}.${Date.now()}`)
    fs.renameSync(folderOf(id), aside)
    known.delete(id)
    fs.rmSync(aside, { recursive: true, force: true })
  }

  function readDocumentOf(id: string, name: string): unknown {
    return decodeMessage(readTextFile(fileOf(id, name), LARGEST_RESULT))
  }

  return {
    path: library,

    /** @throws Error where the library cannot be read */
    list(): RunList {
      const problems = refresh()
      const runs = [...known.values()].map((run) => living(run).entry)
      return { runs: runs.sort((a, b) => (a.created < b.created ? 1 : -1)), problems, path: library, newer }
    },

    /** @throws InputError where there is none; Error with what is damaged */
    open(id: string): RunDocument {
      const { entry } = existing(id)
      const experiment = parseExperiment(part(id, EXPERIMENT_FILE, true), EXPERIMENT_FILE)
      const { started = null, result = null } = (part(id, RESULT_FILE, false) ?? {}) as Record<
        string,
        unknown
      >
      const made = part(id, ENVIRONMENT_FILE, false)
      const environment = made === null ? null : parseEnvironment(made, ENVIRONMENT_FILE)
      return { entry, experiment, environment, started, result }
    },

    /** What was asked for beside the experiment. */
    request(id: string): Record<string, unknown> {
      existing(id)
      return readStored(library, id).request
    },

    change(id: string, changes: RunChanges): Promise<RunEntry> {
      return change(() => {
        const checked = parseRunChanges(changes)
        return edit(id, (stored) => ({ ...stored, entry: { ...stored.entry, ...checked } }))
      })
    },

    /** Into the trash. */
    remove: (ids: readonly string[]): Promise<RunEntry[]> => setRemoved(ids, new Date().toISOString()),

    restore: (ids: readonly string[]): Promise<RunEntry[]> => setRemoved(ids, null),

    /** Deletes what is in the trash for good. */
    empty: (): Promise<{ deleted: number }> =>
      change(() => {
        refresh()
        return Promise.resolve({ deleted: emptyOld(0) })
      }),

    /** Keeps a run that has ended. @throws InputError for a name that is none; Error that names cause and hint */
    keep: (run: NewRun, outcome: Outcome): Promise<RunEntry> =>
      change(() => {
        const name = nameOf(run)
        const id = make((folder, id) => {
          const first = firstEntry(id, run, name, outcome.state)
          const files = filesOf(first, run.experiment, outcome)
          const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0)
          const entry = ended(first, run.experiment, outcome, bytes)
          const text = storedText({ entry, request: run.request, owner: null })
          fillFolder(folder, { ...files, [RUN_FILE]: text })
        })
        const entry = noted(readStored(library, id))
        emptyOld(TRASH_DAYS)
        makeRoom(id)
        return Promise.resolve(entry)
      }),

    /** Makes the folder of a training that begins. @throws as `keep` */
    begin(run: NewRun): { id: string; folder: string } {
      const name = nameOf(run)
      const id = make((folder, id) => {
        const entry = firstEntry(id, run, name, 'running')
        fillFolder(folder, {
          [EXPERIMENT_FILE]: experimentText(run.experiment),
          [RUN_FILE]: storedText({ entry, request: run.request, owner: ownerNow() }),
        })
      })
      noted(readStored(library, id))
      return { id, folder: folderOf(id) }
    },

    /** A training that has ended. @throws Error that names cause and hint */
    end: (id: string, outcome: Outcome): Promise<RunEntry> =>
      change(async () => {
        const experiment = parseExperiment(part(id, EXPERIMENT_FILE, true), EXPERIMENT_FILE)
        const files = filesOf(existing(id).entry, experiment, outcome)
        for (const [name, text] of Object.entries(files)) await replaceFile(fileOf(id, name), text)
        return release(id, (entry) => ended(entry, experiment, outcome, bytesOf(folderOf(id))))
      }),

    /** A running training has come so far: what is known of it when its process dies. */
    progress: (id: string, done: number): Promise<RunEntry> =>
      change(() =>
        edit(id, (stored) => {
          const { steps } = stored.entry
          return { ...stored, entry: { ...stored.entry, steps: steps && { ...steps, done } } }
        }),
      ),

    /** A training whose process has died. */
    interrupt: (id: string): Promise<RunEntry> =>
      change(() =>
        release(id, (entry) => ({
          ...entry,
          state: 'interrupted',
          canResume: hasCheckpoint(entry),
          bytes: bytesOf(folderOf(id)),
        })),
      ),

    /** A training that never began. */
    discard: (id: string): Promise<void> =>
      change(() => {
        erase(id)
        told([], [id])
        return Promise.resolve()
      }),

    /** A training that is gone on with. @throws InputError where it cannot be; Error that names cause and hint */
    async resume(
      id: string,
    ): Promise<{ folder: string; experiment: Experiment; request: Record<string, unknown> }> {
      return change(async () => {
        const { entry } = existing(id)
        if (!entry.canResume)
          throw new InputError('resume', cannotResume(entry), 'Start it anew in its place.')
        const experiment = parseExperiment(part(id, EXPERIMENT_FILE, true), EXPERIMENT_FILE)
        const { request } = readStored(library, id)
        await edit(id, (stored) => ({
          ...stored,
          entry: { ...stored.entry, state: 'running', canResume: false },
          owner: ownerNow(),
        }))
        return { folder: folderOf(id), experiment, request }
      })
    },

    /** A run as a .zip file. @throws InputError where there is none, or it is still running; Error of the system */
    export: (id: string, target: Writable): Promise<void> => {
      const { entry } = existing(id)
      if (entry.state === 'running') throw new InputError('run', `"${id}" is still running`, 'Stop it first.')
      const { request } = readStored(library, id)
      const own = { entry: { ...entry, pinned: false, removed: null }, request, owner: null }
      return writeArchive(folderOf(id), id, { [RUN_FILE]: storedText(own) }, target)
    },

    /**
     * Takes a run from a .zip file, of which nothing is believed but what was checked. Its id stays where no other run
     * has it.
     * @param source the file, or its bytes @param where what it is called
     * @throws InputError for what is no run; Error that names cause and hint
     */
    async import(source: string | Buffer, where: string): Promise<RunEntry> {
      try {
        makePrivateFolder(library)
      } catch (error) {
        throw unwritable(error)
      }
      const aside = temporaryFolderOf(path.join(library, 'import'))
      try {
        fs.mkdirSync(aside, { mode: 0o700 })
        await readArchive(source, aside, where)
        const { entry, request, files } = checkUnpacked(aside, where)
        return await change(async () => {
          for (const [name, text] of Object.entries(files)) await replaceFile(path.join(aside, name), text)
          const fill = async (id: string) => {
            const bytes = bytesOf(aside)
            const canResume = entry.state !== 'finished' && hasCheckpointIn(aside, entry)
            const own = { ...entry, id, name: entry.name === entry.id ? id : entry.name, bytes, canResume }
            await replaceFile(path.join(aside, RUN_FILE), storedText({ entry: own, request, owner: null }))
          }
          refresh()
          const id = makeRunFolder(
            library,
            folders().map((one) => one.name),
            entry.id,
          )
          try {
            await fill(id)
            putFolder(aside, folderOf(id))
          } catch (error) {
            fs.rmSync(folderOf(id), { recursive: true, force: true })
            throw error
          }
          return noted(readStored(library, id))
        })
      } catch (error) {
        throw unwritable(error)
      } finally {
        withoutTemporary(aside)
      }
    },

    /** The folder of a run whose trained networks are to be looked at. @throws InputError where it has none */
    trained(id: string, where = 'run'): string {
      existing(id)
      if (fs.existsSync(fileOf(id, CHECKPOINT_FILE))) return folderOf(id)
      throw new InputError(where, `"${id}" has no trained networks`, 'Name a training that has begun.')
    },

    /** Resolves when the index is on the disk. */
    close: (): Promise<void> => saveIndex(),
  }

  function setRemoved(ids: readonly string[], removed: string | null): Promise<RunEntry[]> {
    return change(async () => {
      const entries: RunEntry[] = []
      for (const id of ids) {
        if (removed !== null && existing(id).entry.state === 'running')
          throw new InputError('run', `"${id}" is still running`, 'Stop it first.')
        entries.push(await edit(id, (stored) => ({ ...stored, entry: { ...stored.entry, removed } })))
      }
      return entries
    })
  }

  /** Its process has nothing to do with it any more. */
  async function release(id: string, next: (entry: RunEntry) => RunEntry): Promise<RunEntry> {
    return edit(id, (stored) => {
      if (stored.owner) letGo(stored.owner)
      return { ...stored, entry: next(stored.entry), owner: null }
    })
  }

  /** One of a run's documents. @returns null where it is missing and may be */
  function part(id: string, name: string, isNeeded: boolean): unknown {
    try {
      return readDocumentOf(id, name)
    } catch (error) {
      if (!isNeeded && (error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw new Error(`${fileOf(id, name)} cannot be read (${reasonOf(error)}). The run is left as it is.`, {
        cause: error,
      })
    }
  }
}

const hasCheckpointIn = (folder: string, { kind }: RunEntry) =>
  isTrainingKind(kind) && CHECKPOINTS.some((name) => fs.existsSync(path.join(folder, name)))

const experimentText = (experiment: Experiment) => `${JSON.stringify(experiment, null, 2)}\n`

const cannotResume = ({ id, state }: RunEntry): string =>
  state === 'running' ? `"${id}" is still running` : `"${id}" has nothing to go on from`

const wordsOf = (error: unknown) =>
  error instanceof NewerRun || (error as NodeJS.ErrnoException).code !== 'ENOENT'
    ? reasonOf(error)
    : `it has no ${RUN_FILE}`

/** Parameters are the checkpoint's; in a result they would be text, and many times as large. */
function withoutWeights(result: unknown): unknown {
  const { series } = (result ?? {}) as { series?: unknown }
  if (!Array.isArray(series)) return result
  const bare = series.map((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('weights' in one)) return one
    const { weights: _, ...rest } = one
    return rest
  })
  return { ...(result as object), series: bare }
}
