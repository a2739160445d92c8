import type { GivenKind } from '../../../shared/protocol/data'
import type {
  LabEvent,
  Notice,
  OpenedFile,
  Replies,
  RequestBody,
  RequestType,
} from '../../../shared/protocol/protocol'

export interface FileDialogs {
  /** Asks for the file of a wheel; null when the dialog was cancelled. @param name of the file that is wanted */
  chooseWheel(name: string | null): Promise<string | null>
  /** @param over the file in whose place it is offered to be saved @returns the path; null: cancelled */
  save(request: Extract<RequestBody, { type: 'file.save' }>, over: string | null): Promise<string | null>
  open(): Promise<OpenedFile | null>
  /** Asks where to save a run's archive; null: cancelled. @param name that is offered */
  chooseArchive(name: string): Promise<string | null>
  /** Asks where to put an export, and before one that is there gives way; null: cancelled. @param name offered */
  chooseExport(name: string, isFile: boolean): Promise<string | null>
  /** Asks for a file or folder of samples, for one of labels, for an archive, or for weights; null: cancelled. */
  chooseData(kind: GivenKind): Promise<string | null>
}

/** What a host has for one front end; a browser's tab is without. */
export interface FrontEnd {
  /** Number of the workspace that it shows, from 1. */
  workspace?: number
  /** Native dialogs. */
  files?: FileDialogs
  /** Shows beside its window how far its work is, and says what has ended. */
  onWork?(fraction: number | null, ended: string | null): void
  /** Opens another window, with a copy of this one's workspace. @throws Error that names cause and hint */
  openWindow?(): Promise<void>
}

/** The request that asks for something, which is stopped by its id. */
export interface Asked {
  id: string
  from: Connection
}

/** The same, with who hears how far its work is. */
export interface Asker extends Asked {
  tell: (event: LabEvent) => void
}

/** How requests of these types are answered. */
export type Answers<T extends RequestType> = {
  [K in T]: (body: Extract<RequestBody, { type: K }>, asked: Asker) => Replies[K] | Promise<Replies[K]>
}

/** One front end: a window, or a browser's tab. */
export interface Connection {
  /** Takes whatever arrived; it is checked here. */
  receive(message: unknown): void
  send(notice: Notice): void
  /** Stops what it had running. */
  close(): void
}
