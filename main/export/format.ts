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

/** A text beside an export that is one file. */
export interface BesideFile {
  name: string
  text: string
}

/** How a form is written, and opened again. */
export interface ExportFormat extends ExportForm {
  /** Who opens it again, in the proof's words. */
  reader: string
  /** Whether weights that are standardised before use are in it as they are learned; else as they act. */
  keepsWeights: boolean
  /** Lines of Markdown: how it is opened, five lines of each language. */
  howToOpen(source: ExportSource): string
  /** @throws InputError for what the format lacks, before anything is written */
  check?(source: ExportSource, isFloat16: boolean): void
  /** Files that lie beside the export. @param name of the export without its ending; of replicas "model" */
  beside?(source: ExportSource, name: string): BesideFile[]
  /** What the name of an export's file must end in for what opens it; left out: any will do. */
  ending?: string
  /** Writes all of it to a path at which nothing is. @throws Error of the system */
  write(target: string, source: ExportSource, about: About): Promise<void> | void
  /** @throws Error where what was written cannot be read */
  reopen(target: string, source: ExportSource): Promise<Reopened> | Reopened
}
