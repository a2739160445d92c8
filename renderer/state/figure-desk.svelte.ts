import { messageOf } from '../../shared/base/errors'
import { csvOf, svgOf } from '../../shared/figures/files'
import { FIGURE_FORMATS, RESOLUTIONS, type FigureFormat } from '../../shared/figures/formats'
import { DEFAULT_LOOK, type FigureLook } from '../../shared/figures/layout'
import { DEFAULT_CHOICES, figuresOf, type FigureChoices } from '../../shared/figures/run-figures'
import type { RunDocument, RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import type { FileContent } from '../base/files'

/** The figures of a run, one of which is shown as it will be, and saved. */
export class FigureDesk {
  #run = $state.raw<RunEntry | null>(null)
  #document = $state.raw<RunDocument | null>(null)
  #problem = $state<string | null>(null)
  #isSaving = $state(false)
  chart = $state<string | null>(null)
  format = $state<FigureFormat>('svg')
  look = $state.raw<FigureLook>(DEFAULT_LOOK)
  choices = $state.raw<FigureChoices>(DEFAULT_CHOICES)
  resolution = $state<number>(RESOLUTIONS.usual)

  constructor(
    private readonly connection: Connection,
    private readonly save: (file: FileContent) => Promise<unknown>,
  ) {}

  /** Whose figures are shown; null: the dialog is closed. */
  get run(): RunEntry | null {
    return this.#run
  }
  get isLoading(): boolean {
    return this.#document === null && this.#problem === null
  }
  get isSaving(): boolean {
    return this.#isSaving
  }
  get problem(): string | null {
    return this.#problem
  }

  readonly figures = $derived.by(() => (this.#document ? figuresOf(this.#document, this.choices) : []))
  readonly figure = $derived.by(
    () => this.figures.find(({ id }) => id === this.chart) ?? this.figures.at(0) ?? null,
  )
  readonly svg = $derived.by(() => this.figure && svgOf(this.figure, this.look))

  async open(run: RunEntry, read: () => Promise<RunDocument>): Promise<void> {
    this.#run = run
    this.#document = null
    this.#problem = null
    try {
      const document = await read()
      if (this.#run === run) this.#document = document
    } catch (error) {
      if (this.#run === run) this.#problem = messageOf(error)
    }
  }

  close(): void {
    this.#run = null
  }

  /** The file as the command line makes it. */
  async saveFigure(): Promise<void> {
    const { format, figure } = this
    const { type } = FIGURE_FORMATS.find(({ value }) => value === format)!
    await this.#attempt(async (run) => {
      if (!figure) return
      const { content } = await this.connection.request<'figure.file'>({
        ...{ type: 'figure.file', run: run.id, chart: figure.id, format },
        ...{ look: this.look, choices: this.choices, resolution: this.resolution },
      })
      await this.save({ name: `${run.id}-${figure.id}.${format}`, content, encoding: 'base64', type })
    })
  }

  /** The numbers that the figure draws, below what they are of. */
  async saveNumbers(): Promise<void> {
    const { figure } = this
    await this.#attempt(async (run) => {
      const content = figure && csvOf(figure)
      if (!content) return
      await this.save({ name: `${run.id}-${figure.id}.csv`, content, encoding: 'text', type: 'text/csv' })
    })
  }

  async #attempt(work: (run: RunEntry) => Promise<void>): Promise<void> {
    if (!this.#run || this.#isSaving) return
    this.#isSaving = true
    this.#problem = null
    try {
      await work(this.#run)
    } catch (error) {
      this.#problem = messageOf(error)
    } finally {
      this.#isSaving = false
    }
  }
}
