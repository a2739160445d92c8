import { messageOf } from '../../shared/base/errors'
import { csvOf, svgOf } from '../../shared/figures/files'
import { wordsOf, type Figure } from '../../shared/figures/figure'
import { FIGURE_FORMATS, RESOLUTIONS, type FigureFormat } from '../../shared/figures/formats'
import { DEFAULT_LOOK, figureDrawing, type FigureLook } from '../../shared/figures/layout'
import { DEFAULT_CHOICES, type FigureChoices } from '../../shared/figures/choices'
import { figuresOf } from '../../shared/figures/run-figures'
import type { RunDocument, RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import type { FileContent } from '../base/files'

/** A chart of a view, as it stands on the screen. */
export interface ShownChart {
  figure: Figure
  /** Its files are called so, without an extension. */
  name: string
}

/** Whose figures are offered. */
export interface FigureSource {
  /** Of the dialog. */
  title: string
  run: { entry: RunEntry; read: () => Promise<RunDocument> } | null
  /** Charts of the screen, before those of the run. */
  shown: readonly ShownChart[]
  /** Which is offered first: one of the run's by its id where the run has it; null: the chart of the screen. */
  chart: string | null
  choices?: Partial<FigureChoices>
}

/** A chart of the screen, among those of its run. */
const shownId = (i: number) => `screen-${i}`

/** Figures of a run or of a view's chart, one of which is shown as it will be, and saved. */
export class FigureDesk {
  #source = $state.raw<FigureSource | null>(null)
  #document = $state.raw<RunDocument | null>(null)
  #isLoading = $state(false)
  #problem = $state<string | null>(null)
  #isSaving = $state(false)
  /** One of `choosable`; null: the first. */
  chart = $state<string | null>(null)
  format = $state<FigureFormat>('svg')
  look = $state.raw<FigureLook>(DEFAULT_LOOK)
  choices = $state.raw<FigureChoices>(DEFAULT_CHOICES)
  resolution = $state<number>(RESOLUTIONS.usual)

  constructor(
    private readonly connection: Connection,
    private readonly save: (file: FileContent) => Promise<unknown>,
  ) {}

  /** Null: the dialog is closed. */
  get source(): FigureSource | null {
    return this.#source
  }
  get isLoading(): boolean {
    return this.#isLoading
  }
  get isSaving(): boolean {
    return this.#isSaving
  }
  get problem(): string | null {
    return this.#problem
  }

  readonly #shown = $derived.by(() => this.#source?.shown ?? [])
  readonly #ofRun = $derived.by(() => (this.#document ? figuresOf(this.#document, this.choices) : []))
  /** The chart of the screen, and the run's. */
  readonly choosable = $derived.by(() => [
    ...this.#shown.map(({ figure: { title } }, i) => ({
      id: shownId(i),
      title: this.#source?.run ? `As on the screen: ${title}` : title,
    })),
    ...this.#ofRun.map(({ id, title }) => ({ id, title })),
  ])
  /** Which of them is shown. */
  readonly chosen = $derived.by(() => {
    const { chart, choosable } = this
    return choosable.find(({ id }) => id === chart)?.id ?? choosable.at(0)?.id ?? null
  })
  readonly isOfRun = $derived.by(() => this.#ofRun.some(({ id }) => id === this.chosen))
  readonly #current = $derived.by((): ShownChart | null => {
    const { chosen } = this
    const figure = this.#ofRun.find(({ id }) => id === chosen)
    if (figure) return { figure, name: `${this.#source?.run?.entry.id}-${figure.id}` }
    return this.#shown.find((_, i) => shownId(i) === chosen) ?? null
  })
  /** Null while a chart of the run is awaited. */
  readonly figure = $derived.by(() =>
    this.#isLoading && this.#source?.chart !== null ? null : (this.#current?.figure ?? null),
  )
  readonly svg = $derived.by(() => this.figure && svgOf(this.figure, this.look))

  async open(source: FigureSource): Promise<void> {
    this.#source = source
    this.#document = null
    this.#problem = null
    this.chart = source.chart
    // How curves are drawn stays as it was chosen last; a step belongs to what is offered.
    this.choices = { ...this.choices, step: null, ...source.choices }
    if (!source.run) return
    this.#isLoading = true
    try {
      const document = await source.run.read()
      if (this.#source === source) this.#document = document
    } catch (error) {
      if (this.#source === source) this.#problem = messageOf(error)
    }
    if (this.#source === source) this.#isLoading = false
  }

  close(): void {
    this.#source = null
    this.#isLoading = false
  }

  /** The file as the command line makes it. */
  async saveFigure(): Promise<void> {
    const { format, look, resolution } = this
    await this.#attempt(async ({ figure, name }) => {
      const { type } = FIGURE_FORMATS.find(({ value }) => value === format)!
      const file = { name: `${name}.${format}`, type }
      if (format === 'svg')
        return void (await this.save({ ...file, content: svgOf(figure, look), encoding: 'text' }))
      const { content } = await this.connection.request<'figure.file'>({
        ...{ type: 'figure.file', format, resolution },
        ...{ drawing: figureDrawing(figure, look), words: wordsOf(figure) },
      })
      await this.save({ ...file, content, encoding: 'base64' })
    })
  }

  /** The numbers that the figure draws, below what they are of. */
  async saveNumbers(): Promise<void> {
    await this.#attempt(async ({ figure, name }) => {
      const content = csvOf(figure)
      if (content) await this.save({ name: `${name}.csv`, content, encoding: 'text', type: 'text/csv' })
    })
  }

  async #attempt(work: (chart: ShownChart) => Promise<void>): Promise<void> {
    const current = this.#current
    if (!current || this.#isSaving) return
    this.#isSaving = true
    this.#problem = null
    try {
      await work(current)
    } catch (error) {
      this.#problem = messageOf(error)
    } finally {
      this.#isSaving = false
    }
  }
}
