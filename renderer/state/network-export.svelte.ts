import { messageOf } from '../../shared/base/errors'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { exportCommandText, exportName } from '../../shared/export/command'
import type { ExportSettings } from '../../shared/export/forms'
import { seriesGraphs } from '../../shared/network/series'
import { networkTitle } from '../../shared/network/series-names'
import type { ExportResult, Replies } from '../../shared/protocol/protocol'
import type { RunDocument, RunEntry } from '../../shared/runs/run'
import type { Connection } from '../base/connection'
import type { FileContent } from '../base/files'
import { Task } from './task.svelte'

/** Kinds of runs that have networks to be exported. */
export const hasNetworks = ({ kind }: RunEntry): boolean => kind === 'train' || kind === 'signal'

const AS_IT_IS: ExportSettings = {
  ...{ format: 'pytorch', series: 1, replica: 1 },
  ...{ fold: false, float16: false, licence: null },
}

type Check = Replies['export.check']

/** The export of a run's networks that is being put together, and what has become of it. */
export class NetworkExport {
  #run = $state.raw<RunEntry | null>(null)
  #document = $state.raw<RunDocument | null>(null)
  #chosen = $state.raw<ExportSettings>(AS_IT_IS)
  #check = $state.raw<Check | null>(null)
  #failure = $state<string | null>(null)
  #result = $state.raw<ExportResult | null>(null)
  /** Ends the check that is under way. */
  #endCheck = () => {}
  readonly task = new Task()

  constructor(
    private readonly connection: Connection,
    private readonly download: (file: FileContent) => void,
  ) {}

  /** Whose networks are offered; null: the dialog is closed. */
  get run(): RunEntry | null {
    return this.#run
  }
  /** Titles of the run's networks, by series; empty while they are not known. */
  readonly networks = $derived.by(() => {
    const experiment = this.#document?.experiment
    if (!experiment) return []
    return seriesGraphs(experiment).map((one) => networkTitle({ ...one, skip: experiment.skip }))
  })
  /** How many of each there are, which differ in their seeds alone. */
  readonly replicas = $derived.by(() => {
    if (!this.#document) return 1
    const { entry, experiment } = this.#document
    return entry.kind === 'train' ? trainingExperiment(experiment).replicas : experiment.replicas
  })
  /** As it is asked for, and as the command says it. */
  readonly settings = $derived.by((): ExportSettings => {
    const { series, licence, ...chosen } = this.#chosen
    return {
      ...chosen,
      series: this.networks.length > 1 ? series : null,
      licence: licence?.trim() || null,
    }
  })
  readonly command = $derived.by(() => {
    if (!this.#run) return ''
    return exportCommandText(this.#run.id, this.settings, exportName(this.#run.name, this.settings))
  })

  get chosen(): ExportSettings {
    return this.#chosen
  }
  /** Whether it can be exported so; null while that is not known. */
  get check(): Check | null {
    return this.#check
  }
  /** Why the run could not be read, or not be exported. */
  get failure(): string | null {
    return this.#failure ?? (this.task.error && messageOf(this.task.error))
  }
  /** Of these settings. */
  get result(): ExportResult | null {
    return this.#result
  }

  /** @param read all of the run */
  async open(run: RunEntry, read: () => Promise<RunDocument>): Promise<void> {
    this.#run = run
    this.#document = null
    this.#chosen = { ...this.#chosen, series: 1, replica: 1 }
    this.#forget()
    try {
      const document = await read()
      if (this.#run !== run) return
      this.#document = document
      void this.#ask()
    } catch (error) {
      if (this.#run === run) this.#failure = messageOf(error)
    }
  }

  /** What is under way ends, and leaves nothing. */
  close(): void {
    this.#endCheck()
    this.task.cancel()
    this.#run = null
  }

  choose(changes: Partial<ExportSettings>): void {
    this.#chosen = { ...this.#chosen, ...changes }
    this.#forget()
    void this.#ask()
  }

  /** Makes it, where the host's dialog says, or as a download. */
  async start(): Promise<void> {
    const run = this.#run
    if (!run) return
    this.#result = null
    const body = { type: 'export.run', run: run.id, ...this.settings } as const
    await this.task.start(JSON.stringify(body), async (task) => {
      const made = await task.part(() => {
        const { id, reply } = this.connection.start<'export.run'>(
          body,
          (event) => event.type === 'progress' && task.report(event),
        )
        return { result: reply, end: () => this.#stop(id) }
      })
      if (made === null) return { finished: false, seconds: 0 }
      const { content, path: name } = made
      if (content !== null)
        this.download({ name, content, encoding: 'base64', type: 'application/octet-stream' })
      this.#result = { ...made, content: null }
    })
  }

  #forget(): void {
    this.task.cancel()
    this.#check = null
    this.#failure = null
    this.#result = null
  }

  /** Whether it can be exported as it is chosen now; an older question is not waited for. */
  async #ask(): Promise<void> {
    this.#endCheck()
    const run = this.#run
    if (!run || !this.#document) return
    let isWanted = true
    const { id, reply } = this.connection.start<'export.check'>({
      ...{ type: 'export.check', run: run.id },
      ...this.settings,
    })
    this.#endCheck = () => {
      isWanted = false
      this.#endCheck = () => {}
      this.#stop(id)
    }
    try {
      const check = await reply
      if (isWanted) this.#check = check
    } catch (error) {
      if (isWanted) this.#failure = messageOf(error)
    }
  }

  /** What has just ended is no longer there to be stopped. */
  #stop(job: string): void {
    this.connection.request({ type: 'control', job, action: 'stop' }).catch(() => {})
  }
}
