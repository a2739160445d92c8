import type { Experiment } from '../../shared/settings/experiment'

/** The file that the experiment was opened from or saved to. */
interface NamedFile {
  name: string
  /** What the host calls it by; null where only the browser knows it. */
  id: string | null
  /** The experiment as it is in the file. */
  saved: unknown
}

/** Which file the experiment stands for, and whether it has been changed since. */
export class DocumentFile {
  #file = $state.raw<NamedFile | null>(null)
  #isEdited = $derived.by(() => {
    if (!this.#file) return false
    return JSON.stringify(this.#file.saved) !== JSON.stringify(this.experiment())
  })

  /** @param experiment as it is now */
  constructor(private readonly experiment: () => Experiment) {}

  /** Its name without folders; null: none yet. */
  get name(): string | null {
    return this.#file?.name ?? null
  }
  get id(): string | null {
    return this.#file?.id ?? null
  }
  /** Whether the experiment has something that the file has not. */
  get isEdited(): boolean {
    return this.#isEdited
  }
  /** The name as a window's title begins; empty where there is none. */
  get words(): string {
    if (this.name === null) return ''
    return `${this.isEdited ? '• ' : ''}${this.name} – `
  }

  /** The experiment and this file are the same now. @param path or name */
  is(path: string, id: string | null): void {
    this.#file = { name: fileName(path), id, saved: this.experiment() }
  }

  /** For the workspace: a window shows its file's name again. */
  get document(): NamedFile | null {
    return this.#file
  }

  /** What a workspace held; anything else is no file. */
  open(value: unknown): void {
    const { name, id, saved } = (value ?? {}) as Partial<Record<keyof NamedFile, unknown>>
    const isFile = typeof name === 'string' && (id === null || typeof id === 'string')
    this.#file = isFile ? { name, id, saved } : null
  }
}

/** Of a path of this or another system. */
export const fileName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path
