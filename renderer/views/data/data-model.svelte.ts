import { messageOf } from '../../../shared/base/errors'
import { augmented, isAugmented } from '../../../shared/data/augment'
import type { DataDescription } from '../../../shared/data/description'
import type { DataFigures } from '../../../shared/data/figures'
import type { SampleSlice } from '../../../shared/data/slice'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { checkAugmentation } from '../../../shared/experiment/augmentation'
import type { ListedData } from '../../../shared/protocol/protocol'
import type { Experiment } from '../../../shared/settings/experiment'
import { setting } from '../../../shared/settings/table'
import { chooseFile, chooseFolder } from '../../base/files'
import { DARK, LIGHT } from '../../charts/palette'
import { DataDesk } from '../../state/data-desk.svelte'
import { handOver, placed, type GivenKind } from '../../state/data-import.svelte'
import type { Lab } from '../../state/lab.svelte'
import { MOST_POINTS, sampleKind, type SampleKind } from './sample-kind'

const ACCEPTED: Record<Exclude<GivenKind, 'folder'>, string> = {
  samples: '.csv,.tsv,.txt,.npy,.npz,.gz,.bin,.idx,.idx3-ubyte,.zip',
  labels: '.npy,.gz,.idx,.idx1-ubyte',
  archive: '.tgz,.gz,.tar,.deb',
}

/** What is asked of the host, and what has come of it. */
class Answer<T> {
  value = $state.raw<T | null>(null)
  problem = $state<string | null>(null)
  #asked = ''

  /** The newest question alone is answered. @param key the same one is not asked twice */
  async ask(key: string, request: () => Promise<T>): Promise<void> {
    if (key === this.#asked) return
    this.#asked = key
    this.problem = null
    try {
      const value = await request()
      if (key === this.#asked) this.value = value
    } catch (error) {
      if (key !== this.#asked) return
      this.value = null
      this.problem = messageOf(error)
    }
  }

  forget(): void {
    this.#asked = ''
    this.value = null
    this.problem = null
  }
}

/** What the Data view shows and does. */
export class DataModel {
  readonly desk: DataDesk
  readonly figures = new Answer<DataFigures>()
  readonly samples = new Answer<SampleSlice>()
  /** Samples that find room at once. */
  capacity = $state(24)
  #figuresOf = ''

  constructor(readonly lab: Lab) {
    this.desk = lab.stateOf(DataDesk)
  }

  get isConnected(): boolean {
    return this.lab.link === 'open'
  }

  /** The data set that is chosen in the list. */
  get chosen(): ListedData | null {
    const { data, experiment } = this.lab
    return data.named(this.desk.selected ?? experiment.document.data) ?? data.sets[0] ?? null
  }

  /** What is looked at: what was read of a file and is not kept yet, else the one that is chosen. */
  get subject(): { key: string; description: DataDescription; here: boolean } | null {
    const { look } = this.desk.import
    if (look) return { key: look.look, description: look.description, here: true }
    const { chosen } = this
    if (!chosen) return null
    return { key: chosen.name, description: chosen, here: chosen.here }
  }

  readonly palette = $derived.by(() => (this.lab.theme.isDark ? DARK : LIGHT))

  get kind(): SampleKind {
    return this.subject ? sampleKind(this.subject.description) : 'row'
  }

  /** The experiment, its networks learning the data set that is looked at. */
  readonly learning = $derived.by((): Experiment | null => {
    if (!this.subject) return null
    const { description } = this.subject
    return { ...this.lab.experiment.document, data: description.name, ownData: description }
  })

  /** Why the experiment cannot augment these samples; null: it can, or does not. */
  readonly augmentationProblem = $derived.by((): string | null => {
    try {
      if (this.learning) checkAugmentation(this.learning, (key) => setting(key).label)
      return null
    } catch (error) {
      return messageOf(error)
    }
  })

  /** Whether samples are shown as a training takes them: that is asked for, and the experiment can. */
  readonly isAugmented = $derived.by(() => {
    const { desk, learning, augmentationProblem } = this
    if (!desk.isAugmented || desk.part !== 'training' || augmentationProblem !== null) return false
    return learning !== null && isAugmented(learning)
  })

  /** The samples on the page as the training takes them at the step that is chosen, [samples, values]. */
  readonly augmented = $derived.by((): Float32Array | null => {
    const { desk, learning, subject } = this
    const slice = this.samples.value
    if (!this.isAugmented || !slice || !subject || !learning) return null
    const at = { seed: learning.seed, step: desk.step }
    return augmented(slice.scaled, slice.indices, subject.description.shape, learning, at)
  })

  get pageSize(): number {
    return this.kind === 'point' ? MOST_POINTS : Math.max(1, this.capacity)
  }

  /** Asks for what the page shows; called whenever that is another. */
  load(): void {
    const { subject, lab, desk, pageSize } = this
    const hash = subject?.description.sha256 ?? ''
    if (!subject?.here || !this.isConnected) {
      this.figures.forget()
      this.samples.forget()
      return
    }
    const { key } = subject
    if (this.#figuresOf !== key + hash) {
      this.#figuresOf = key + hash
      this.figures.forget()
      this.samples.forget()
    }
    void this.figures.ask(key + hash, () =>
      lab.connection.request<'data.figures'>({ type: 'data.figures', data: key }),
    )
    if (desk.page !== 'samples') return
    const question = { data: key, part: desk.part, label: desk.label, from: desk.from, count: pageSize }
    void this.samples.ask(JSON.stringify({ ...question, hash }), () =>
      lab.connection.request<'data.samples'>({ type: 'data.samples', ...question }),
    )
  }

  /** Puts the data set into the experiment, a step that can be undone. */
  train(): void {
    const { chosen, lab } = this
    if (!chosen) return
    const { here: _here, ...description } = chosen
    lab.experiment.change(({ ownData: _before, ...document }) =>
      parseExperiment({
        ...document,
        data: chosen.name,
        ...(chosen.origin === 'own' ? { ownData: description } : {}),
      }),
    )
    lab.announcements.announce(`Networks learn ${chosen.title} now.`, 'info', {
      label: 'Undo',
      act: () => lab.experiment.undo(),
    })
  }

  /** Gets the chosen one, from the network or from a file. */
  async get(from?: 'file'): Promise<void> {
    const { chosen, lab } = this
    if (!chosen) return
    const given = from && (await lab.announcements.attempt(() => this.#give('archive')))
    if (given === null) return
    if (await lab.data.get(chosen.name, given?.file)) lab.announcements.announce(`${chosen.title} is here.`)
  }

  async remove(): Promise<void> {
    const { chosen, lab } = this
    if (!chosen) return
    await lab.announcements.attempt(async () => {
      await lab.data.remove(chosen.name)
      lab.announcements.announce(`Removed ${chosen.title}.`, 'info', {
        label: 'Undo',
        act: () => void lab.announcements.attempt(() => lab.data.restore(chosen.name)),
      })
    })
  }

  beginImport(kind: 'samples' | 'folder'): Promise<void> {
    return this.desk.import.begin((onBytes) => this.#give(kind, onBytes))
  }

  /** Files that were dropped on the view. */
  importGiven(files: readonly File[]): Promise<void> {
    const one = files.slice(0, 1)
    return this.desk.import.begin((onBytes) => handOver(this.lab.connection, placed(one), onBytes))
  }

  addLabels(): Promise<void> {
    return this.desk.import.addLabels(() => this.#give('labels'))
  }

  async keep(): Promise<void> {
    const { lab, desk } = this
    const kept = await desk.import.keep()
    if (!kept) return
    await lab.data.load()
    desk.show({ selected: kept.name })
    lab.announcements.announce(`Kept as ${kept.name}.`)
  }

  /** By the host's dialog, or by the browser's, whose file is then handed over. null: cancelled */
  async #give(kind: GivenKind, onBytes?: (done: number, total: number) => void) {
    const { connection, hasNativeDialogs } = this.lab
    if (hasNativeDialogs) return connection.request<'data.choose'>({ type: 'data.choose', kind })
    const files = kind === 'folder' ? await chooseFolder() : [await chooseFile(ACCEPTED[kind])]
    const chosen = (files ?? []).filter((file) => file !== null)
    return chosen.length ? handOver(connection, placed(chosen), onBytes) : null
  }
}
