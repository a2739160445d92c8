import { openingExperiment, parseExperiment } from '../../shared/experiment/experiment'
import { sweptText } from '../../shared/settings/sweep'
import type { Experiment, SectionKey, SettingKey } from '../../shared/settings/experiment'
import { edit, type Draft, type FieldErrors } from './edit'
import { History } from './history'

/** The one experiment that every view shows and the controls edit. */
export class ExperimentState {
  #history = new History<Experiment>(openingExperiment())
  #document = $state.raw(this.#history.present)
  #draft = $state.raw<Draft>({})
  #errors = $state.raw<FieldErrors>({})
  #canUndo = $state(false)
  #canRedo = $state(false)

  /** Always valid. */
  get document(): Experiment {
    return this.#document
  }
  get errors(): FieldErrors {
    return this.#errors
  }
  get canUndo(): boolean {
    return this.#canUndo
  }
  get canRedo(): boolean {
    return this.#canRedo
  }

  /** Whether the control shows something that is not in the document. */
  isDraft(key: SettingKey): boolean {
    return key in this.#draft
  }
  /** What the control shows: the user's text, valid or not, or the values that the setting is swept over. */
  shown(key: SettingKey): unknown {
    return key in this.#draft ? this.#draft[key] : (sweptText(this.#document, key) ?? this.#document[key])
  }

  set(key: SettingKey, value: unknown): void {
    const edited = edit(this.#document, this.#draft, key, value)
    this.#draft = edited.draft
    this.#errors = edited.errors
    if (JSON.stringify(edited.document) === JSON.stringify(this.#document)) return
    this.#history.push(edited.document, key)
    this.#refresh()
  }

  /** What a view asks beyond the settings; undefined: its defaults. @throws InputError, and then nothing has changed */
  setSection<K extends SectionKey>(key: K, value: Experiment[K]): void {
    const next = parseExperiment({ ...this.#document, [key]: value }, '')
    if (JSON.stringify(next) === JSON.stringify(this.#document)) return
    this.#history.push(next, key)
    this.#refresh()
  }

  /**
   * An edit by a pure function that leaves a valid document, a step of its own unless it has a subject (see
   * History.push). What it leaves alone stays the same object, so that views need not draw it again. What it throws
   * leaves everything as it was.
   */
  change(edit: (document: Experiment) => Experiment, subject: string | null = null): void {
    const next = edit(this.#document)
    if (next === this.#document) return
    this.#history.push(next, subject)
    this.#clearDraft()
    this.#refresh()
  }

  /** A whole document, from a file. @throws InputError, and then nothing has changed */
  open(value: unknown, where: string): void {
    this.#history.push(parseExperiment(value, where))
    this.#clearDraft()
    this.#refresh()
  }

  /** The autosaved document: where history starts. @throws InputError */
  start(value: unknown): void {
    this.#history = new History(parseExperiment(value, 'workspace.experiment'))
    this.#refresh()
  }

  undo(): void {
    this.#history.undo()
    this.#clearDraft()
    this.#refresh()
  }

  redo(): void {
    this.#history.redo()
    this.#clearDraft()
    this.#refresh()
  }

  #clearDraft() {
    this.#draft = {}
    this.#errors = {}
  }

  #refresh() {
    this.#document = this.#history.present
    this.#canUndo = this.#history.canUndo
    this.#canRedo = this.#history.canRedo
  }
}
