import { bibtexOf } from '../../../shared/report/bibtex'
import { REPORT_FORMATS, type ReportFormat } from '../../../shared/report/formats'
import { reportHtml } from '../../../shared/report/html'
import { methodsOf } from '../../../shared/report/methods'
import { reportOf } from '../../../shared/report/report'
import type { RunDocument } from '../../../shared/runs/run'
import type { FileContent } from '../../base/files'
import type { Lab } from '../../state/lab.svelte'

/** A report on runs as it is put together: their documents, the user's words, and what leaves it. */
export class ReportModel {
  /** Null: they are being read. */
  documents = $state.raw<readonly RunDocument[] | null>(null)
  /** How the last thing that was asked for ended. */
  said = $state('')
  problem = $state<string | null>(null)

  constructor(
    private readonly lab: Lab,
    readonly ids: readonly string[],
  ) {}

  readonly runs = $derived.by(() => this.ids.flatMap((id) => this.lab.runs.find(id) ?? []))
  /** With the notes as they are by now. */
  readonly current = $derived.by(() =>
    (this.documents ?? []).map((document) => ({
      ...document,
      entry: this.lab.runs.find(document.entry.id) ?? document.entry,
    })),
  )
  readonly methods = $derived(methodsOf(this.current))
  readonly methodsText = $derived(this.methods.paragraphs.map(({ text }) => text).join('\n\n'))
  readonly bibtex = $derived(bibtexOf(this.methods.references, this.methods.versions).trimEnd())

  async load(): Promise<void> {
    try {
      this.documents = await Promise.all(this.ids.map((id) => this.lab.runs.open(id)))
    } catch (error) {
      this.problem = (error as Error).message
    }
  }

  async copy(text: string, what: string): Promise<void> {
    await this.#attempt(async () => {
      await this.lab.export.copy(text, what)
      return `Copied ${what.toLowerCase()}.`
    })
  }

  async save(format: ReportFormat): Promise<void> {
    await this.#attempt(async () => {
      const { type } = REPORT_FORMATS.find(({ name }) => name === format)!
      const name = `report-${this.ids.slice(0, MOST_NAMED).join('-')}.${format}`
      const saved = await this.lab.files.save({ name, type, ...(await this.#content(format)) })
      return saved ? `Saved ${saved.path}.` : ''
    })
  }

  /** The page writes HTML itself; PDF needs the host. */
  async #content(format: ReportFormat): Promise<Pick<FileContent, 'content' | 'encoding'>> {
    const { reportTitle: title, reportProse: prose } = this.lab.view.document
    if (format === 'html')
      return { content: reportHtml(reportOf({ title, prose, runs: this.current })), encoding: 'text' }
    const request = { type: 'report.file' as const, runs: [...this.ids], title, prose }
    const { content } = await this.lab.connection.request<'report.file'>(request)
    return { content, encoding: 'base64' }
  }

  /** @param act gives what is to be said of it */
  async #attempt(act: () => Promise<string>): Promise<void> {
    this.problem = null
    this.said = ''
    try {
      this.said = await act()
    } catch (error) {
      this.problem = (error as Error).message
    }
  }
}

/** Runs in the name of a file. */
const MOST_NAMED = 3
