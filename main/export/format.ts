import type { ExportForm } from '../../shared/export/forms'
import type { ExportSource } from './source'

/** Exports are for others, as the user's umask has it; the lab's own files are its user's alone. */
export const EXPORT_MODE = 0o666

/** Names of what an export says of itself. */
export const README_TEXT = 'README.md'
export const EXPORT_TEXT = 'export.json'
export const PROOF_TEXT = 'proof.json'

export interface About {
  /** What an export says of itself by these names, where it is one file. In a folder they lie beside the network. */
  texts: ReadonlyMap<string, string>
  isFloat16: boolean
}

/** Computes the outputs of a written export. @param x [samples, position × channel] @returns in the same order */
export type Reopened = (x: Float32Array) => Promise<ArrayLike<number>> | ArrayLike<number>

/** How a form is written, and opened again. */
export interface ExportFormat extends ExportForm {
  /** Who opens it again, in the proof's words. */
  reader: string
  /** Lines of Markdown: how it is opened, five lines of each language. */
  howToOpen(source: ExportSource): string
  /** @throws InputError for what the format lacks, before anything is written */
  check?(source: ExportSource, isFloat16: boolean): void
  /** A file that the export needs in its folder; null: none. */
  beside?(source: ExportSource): { name: string; text: string } | null
  /** Writes all of it to a path at which nothing is. @throws Error of the system */
  write(target: string, source: ExportSource, about: About): Promise<void> | void
  /** @throws Error where what was written cannot be read */
  reopen(target: string, source: ExportSource): Promise<Reopened> | Reopened
}
