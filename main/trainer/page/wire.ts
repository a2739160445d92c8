import type { DataDescription, DataSet } from '../../../shared/data/description'
import type { TrainerSettings } from '../../../shared/protocol/host-settings'

/** What is posted to the page, with three ports: to the host's supervisor, and one for what each worker asks. */
export const BEGIN = 'residual-lab trainer'

/** The page to its host: it cannot go on, and why. */
export interface PageEnd {
  kind: 'page-end'
  how: string
}

/** A file in a folder of a run that the host has named to this trainer. */
export interface FileName {
  folder: string
  name: string
}

/** What a worker of the page can ask of the host; a page has no files and does not see the machine. */
export interface Asks {
  /** Opens a file for reading; null: there is none. */
  open: { given: FileName; reply: { file: number; size: number } | null }
  read: { given: { file: number; from: number; length: number }; reply: Uint8Array }
  close: { given: { file: number }; reply: null }
  /** Begins a file that is to take the place of one; written part by part, it is there once it is finished. */
  begin: { given: FileName; reply: { file: number } }
  write: { given: { file: number; part: Uint8Array }; reply: null }
  finish: { given: { file: number }; reply: null }
  abandon: { given: { file: number }; reply: null }
  remove: { given: FileName; reply: null }
  /** A folder within, made where it is not there. */
  within: { given: FileName; reply: null }
  /** Samples that the program neither makes nor carries. */
  data: { given: { description: DataDescription }; reply: DataSet }
  /** Bytes, and what tells of them; `limit`: of the container, 0 for none. */
  memory: { given: null; reply: { free: number; total: number; limit: number; held: number } }
}
export type AskName = keyof Asks

/** As it travels. */
export type Ask = { [A in AskName]: { id: number; ask: A; given: Asks[A]['given'] } }[AskName]
export type Answer =
  | { id: number; reply: Asks[AskName]['reply'] }
  | { id: number; error: { message: string; code?: string; input: [string, string, string] | null } }

/** The page's main thread to its workers, once. */
export interface JobsStart {
  settings: TrainerSettings
  /** Jobs come in, `WorkerMessage`s go out. */
  queue: MessagePort
  /** To the host. */
  host: MessagePort
  /** To the worker for theory. */
  theories: MessagePort
}
export interface TheoryStart {
  host: MessagePort
  theories: MessagePort
}
