/** A file that was opened for reading. */
export interface OpenedFile {
  /** In bytes. */
  readonly size: number
  /** Fills bytes from a place in the file. @throws Error where it ends too early */
  read(from: number, bytes: Uint8Array): void
  close(): void
}

/**
 * The folder of a run, and this job's alone, as a job sees it: what it may go on from is there by name. Whoever runs
 * the job knows where that is: a worker thread writes files (main/trainer/node-folder.ts).
 */
export interface RunFolder {
  /** Whether the job goes on from what is there. */
  readonly resume: boolean
  /** The job looks at what was trained there, trains no further, and writes nothing. */
  readonly isReadOnly: boolean
  /** Null: there is no such file. @throws Error of the system */
  open(name: string): Promise<OpenedFile | null>
  /** Replaces a file in whole or not at all, part by part. @throws Error of the system; its `code` says which */
  write(name: string, parts: AsyncIterable<Uint8Array>): Promise<void>
  /** Removes a file or folder, if it is there. @throws Error of the system */
  remove(name: string): Promise<void>
  /** A folder within, made where it is not there. @throws Error of the system */
  within(name: string, resume: boolean): Promise<RunFolder>
  /** What people know a file by. */
  pathOf(name: string): string
}
