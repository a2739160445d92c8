import { EXPERIMENT_FILE, commandText, hasDrawnBlock, needsFile } from '../../shared/experiment/command-line'
import type { RunDocument, RunEntry, RunKind } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import type { MenuCommand, Notice } from '../../shared/protocol/protocol'
import { Connection, type LinkState } from '../base/connection'
import { download } from '../base/files'
import { Announcements, type Announcement } from './announcements.svelte'
import { DataState } from './data.svelte'
import { Exports } from './export'
import { Files } from './files'
import { DocumentFile } from './document-file.svelte'
import { ExperimentState } from './experiment-state.svelte'
import { BlockLibrary } from './block-library.svelte'
import { FigureDesk } from './figure-desk.svelte'
import { NetworkExport } from './network-export.svelte'
import { Overlays } from './overlays.svelte'
import { questionKey } from './question'
import { QueueState } from './queue.svelte'
import { RecentFiles } from './recent-files.svelte'
import { RunState } from './run-state.svelte'
import { RunImport } from './run-import.svelte'
import { RunsDesk } from './runs-desk.svelte'
import { RunsState } from './runs.svelte'
import { SettingsState } from './settings.svelte'
import { SignalRuns } from './signal-runs.svelte'
import { Theme } from './theme.svelte'
import { TrainerState } from './trainer-state.svelte'
import type { TabId } from '../../shared/protocol/tabs'
import { ViewSettings, seriesId } from './view-settings.svelte'
import { Work } from './work.svelte'
import { Workspace } from './workspace.svelte'

/** What the run keys (Space, Escape) and the menu's Play do in the view that is shown. */
export interface ViewControl {
  play(): void
  /** Pauses the run that is under way, where runs can be paused. @returns whether there was one */
  pause?(): boolean
  /** One step, where runs have steps: the run that is under way, or a new one, then pauses. */
  step?(): void
  stop(): void
}

/**
 * A view's own findings; each is made once and kept, so that a view that is left and opened again finds its results.
 */
export type ViewState<T = unknown> = new (connection: Connection) => T

/** How runs come back into the view that they came from. */
export interface RunPictures {
  kinds: readonly RunKind[]
  /** What a run asked for, where its experiment need not say all of it. */
  experimentOf?(document: RunDocument): Experiment
  /** Draws a run as if it had just been found; the experiment is the run's already. */
  show(lab: Lab, document: RunDocument): void | Promise<void>
  /** Goes on with one that was interrupted; for trainings. */
  resume?(lab: Lab, run: RunEntry): void
}

/** What the lab needs to know of a view; what it looks like is none of its business. */
export interface LabView {
  state?: ViewState
  runs?: RunPictures
  /** Left out by a view whose component takes it while it is mounted, see `Lab.takeControl`. */
  control?(lab: Lab): ViewControl
}

/** The whole workbench: what it knows, and what the user can do. */
export class Lab {
  readonly connection = new Connection()
  readonly experiment = new ExperimentState()
  readonly file = new DocumentFile(() => this.experiment.document)
  readonly view = new ViewSettings()
  readonly trainer = new TrainerState(this.connection)
  readonly run = new RunState(this.connection)
  readonly signal = new SignalRuns(
    this.run,
    this.experiment,
    () => this.ready && this.view.document.tab === 'signal',
  )
  readonly library = new BlockLibrary(this.connection)
  readonly recent = new RecentFiles(this.connection)
  readonly announcements = new Announcements()
  readonly files = new Files({
    connection: this.connection,
    experiment: this.experiment,
    file: this.file,
    library: this.library,
    recent: this.recent,
    announcements: this.announcements,
    hasNativeDialogs: () => this.hasNativeDialogs,
  })
  readonly runs = new RunsState(this.connection, this.announcements, () => this.files)
  readonly queue = new QueueState(this.connection, this.announcements)
  readonly data = new DataState(this.connection)
  readonly runImport = new RunImport(this.connection)
  readonly overlays = new Overlays(this.runs)
  readonly export = new Exports(
    (file) => this.files.save(file),
    (text, kind) => this.announce(text, kind),
  )
  readonly networkExport = new NetworkExport(this.connection, download)
  readonly figures = new FigureDesk(this.connection, (file) => this.files.save(file))
  /** The view that was asked for before the workspace was there, which says another. */
  #early: TabId | null = null
  readonly workspace = new Workspace(this.connection, {
    read: () => ({
      experiment: this.experiment.document,
      view: this.view.document,
      file: this.file.document,
    }),
    show: (document) => {
      this.view.open(document.view)
      if (this.#early) this.view.set('tab', this.#early)
      this.#early = null
      this.experiment.start(document.experiment)
      this.file.open(document.file)
    },
    announce: (text, kind) => this.announce(text, kind),
  })
  readonly work = new Work(this.connection)
  readonly settings = new SettingsState(this.connection)
  readonly theme = new Theme(() => this.view.document.theme)

  /** The page about TensorFlow's library is open, which the question of the first run opens by itself. */
  isLibraryShown = $state(false)

  #link = $state<LinkState>('connecting')
  #host = $state<'electron' | 'browser' | null>(null)
  #version = $state('')
  #warning = $state<string | null>(null)
  /** The question of the first run was put in this page, which may lose its host and find it again. */
  #hasAsked = false
  #selectedSeries = $derived.by(() => {
    const ids = this.run.picture.map((series) => seriesId(series.header))
    return ids.find((id) => id === this.view.series) ?? ids[0] ?? null
  })
  readonly #states: readonly unknown[]
  #taken: { tab: TabId; control: ViewControl } | null = null

  /** @param views of every tab, see views/registry.ts */
  constructor(private readonly views: Readonly<Record<TabId, LabView>>) {
    this.#states = Object.values(views).flatMap(({ state: State }) =>
      State ? [new State(this.connection)] : [],
    )
    this.connection.onState = (state) => this.#linkChanged(state)
    this.connection.onNotice = (notice) => this.#noticed(notice)
  }

  /** Null: not known yet. */
  get host(): 'electron' | 'browser' | null {
    return this.#host
  }
  get link(): LinkState {
    return this.#link
  }
  /** What people must know of how the host was started; null when all is well. */
  get warning(): string | null {
    return this.#warning
  }
  get version(): string {
    return this.#version
  }
  /** The workspace is loaded; before, nothing is measured. */
  get ready(): boolean {
    return this.workspace.loaded
  }
  /** The series that the user selected, or the first: its id. */
  get selectedSeries(): string | null {
    return this.#selectedSeries
  }
  /** The window's: how far its work is, the file that it shows, the program. */
  get title(): string {
    return `${this.work.words}${this.file.words}Residual Lab`
  }

  announce(text: string, kind: Announcement['kind'] = 'info'): void {
    this.announcements.announce(text, kind)
  }

  // ---- Views --------------------------------------------------------------------------------------------

  /** The one state of this class. @throws Error where no view has it */
  stateOf<T>(State: ViewState<T>): T {
    const state = this.#states.find((one): one is T => one instanceof State)
    if (!state) throw new Error(`No view has the state ${State.name}: the registry of views must name it.`)
    return state
  }

  /** What the run keys do now; null in a view without runs. */
  get control(): ViewControl | null {
    const { tab } = this.view.document
    if (this.#taken?.tab === tab) return this.#taken.control
    return this.views[tab].control?.(this) ?? null
  }

  /**
   * For a view whose keys depend on what is selected in its component: in place of its control in the registry, until
   * it is released.
   * @returns the release; late, after another has taken control, it changes nothing
   */
  takeControl(control: ViewControl): () => void {
    const taken = { tab: this.view.document.tab, control }
    this.#taken = taken
    return () => {
      if (this.#taken === taken) this.#taken = null
    }
  }

  // ---- What changes -------------------------------------------------------------------------------------

  newSeed(): void {
    this.experiment.set('seed', Math.floor(Math.random() * 2 ** 32))
  }

  /** To be called whenever the experiment has changed. */
  experimentChanged(): void {
    if (!this.ready) return
    this.workspace.changed()
    this.signal.experimentChanged()
  }

  viewChanged(): void {
    this.connection.keepsRuns = this.view.document.keepsRuns
    this.workspace.changed()
  }

  /** Another view. */
  show(tab: TabId): void {
    if (!this.ready) this.#early = tab
    this.view.set('tab', tab)
    if (tab === 'signal') this.signal.shown()
  }

  /** To the signal of the experiment as it is now. */
  showMeasured(): void {
    this.show('signal')
    this.signal.bringUpToDate()
  }

  // ---- Runs ---------------------------------------------------------------------------------------------

  /** A run's settings and its picture, in the view that it came from; undo brings the former settings back. */
  async openRun(run: RunEntry): Promise<void> {
    await this.#withRun(run, async (tab, pictures, document) => {
      await pictures.show(this, document)
      this.view.set('tab', tab)
      this.announcements.announce(`${run.name} is open, with its settings.`, 'info', {
        label: 'My settings back',
        act: () => {
          this.experiment.undo()
          this.announcements.dismiss()
        },
      })
    })
  }

  /** Goes on with a training that was interrupted. */
  async resumeRun(run: RunEntry): Promise<void> {
    await this.#withRun(run, async (tab, pictures, document) => {
      await pictures.show(this, document)
      this.view.set('tab', tab)
      pictures.resume?.(this, run)
    })
  }

  #picturesOf({ kind }: RunEntry): [TabId, RunPictures] | null {
    const found = Object.entries(this.views).find(([, { runs }]) => runs?.kinds.includes(kind))
    return found ? [found[0] as TabId, found[1].runs!] : null
  }

  async #withRun(
    run: RunEntry,
    act: (tab: TabId, pictures: RunPictures, document: RunDocument) => Promise<void>,
  ) {
    await this.announcements.attempt(async () => {
      const kept = await this.runs.open(run.id)
      const pictures = this.#picturesOf(run)
      if (!pictures) throw new Error(`No view shows runs of the kind ${run.kind}.`)
      const [, { experimentOf }] = pictures
      const document = experimentOf ? { ...kept, experiment: experimentOf(kept) } : kept
      if (!this.#asksAsOnScreen(document)) this.experiment.open(document.experiment, run.name)
      await act(...pictures, document)
    })
  }

  /**
   * A training is kept with the data and the stem that it brought: where these are all that differs, what the screen
   * measures stays as the user set it.
   */
  #asksAsOnScreen({ entry, experiment }: RunDocument): boolean {
    if (entry.kind !== 'train') return false
    const key = (experiment: Experiment) => questionKey({ experiment, dependsOn: 'training' })
    return key(experiment) === key(this.experiment.document)
  }

  /** Takes in a run, an export or weights. @param files read here: a page names no paths; null: the host asks */
  async importRun(files: readonly File[] | null): Promise<void> {
    this.tookRun(await this.runImport.begin(files))
  }

  /** @param run null: nothing came of it, which the dialog says */
  tookRun(run: RunEntry | null): void {
    if (!run) return
    this.runs.took(run)
    this.showRun(run.id)
  }

  /** Offers the charts of a run as files. */
  showFigures(run: RunEntry): void {
    void this.figures.open({
      title: `Figures of ${run.name}`,
      run: { entry: run, read: () => this.runs.open(run.id) },
      shown: [],
      chart: null,
    })
  }

  /** Offers the networks of a run for other programs. */
  exportNetworks(run: RunEntry): void {
    void this.networkExport.open(run, () => this.runs.open(run.id))
  }

  /** To a run in the list of all. */
  showRun(id: string): void {
    const desk = this.stateOf(RunsDesk)
    desk.page = 'list'
    desk.selected = id
    this.show('runs')
  }

  // ---- What is given and taken --------------------------------------------------------------------------

  /** A shared block: shown with a question, whatever it is. */
  async offerBlock(text: string, from: string): Promise<void> {
    await this.announcements.attempt(() => this.library.offer(text, from))
  }

  /** Another window, which begins with what this one shows. */
  async newWindow(): Promise<void> {
    await this.announcements.attempt(async () => {
      await this.workspace.saveNow()
      await this.connection.request<'window.new'>({ type: 'window.new' })
    })
  }

  /**
   * The command line that measures, or trains, the same; a drawn block has no name there, so that its experiment must
   * be saved.
   */
  async copyCommand(command: 'signal' | 'train' = 'signal'): Promise<void> {
    const { document } = this.experiment
    const text = commandText(document, EXPERIMENT_FILE, command)
    const what = hasDrawnBlock(document) ? 'This block is not a preset' : 'The network has stages of its own'
    const words = needsFile(document)
      ? `Copied. ${what}: save the experiment as ${EXPERIMENT_FILE} first (Ctrl+S), the command reads it.`
      : 'Copied the command line.'
    await this.export.command(text, words)
  }

  // ---- Host ---------------------------------------------------------------------------------------------

  /** Whether the host has native dialogs and shows folders; a browser has its own. */
  get hasNativeDialogs(): boolean {
    return this.#host === 'electron'
  }

  /** The page about TensorFlow's library has been answered, or only closed: at a first run it does not come again. */
  async closeLibrary(): Promise<void> {
    this.isLibraryShown = false
    if (!this.settings.now.welcomed)
      await this.announcements.attempt(async () => void (await this.settings.change({ welcomed: true })))
  }

  async #hello() {
    const hello = await this.connection.request<'hello'>({ type: 'hello' })
    this.#host = hello.host
    this.work.hasTaskBar = hello.host === 'electron'
    this.#version = hello.version
    this.#warning = hello.warning
    if (hello.device) this.trainer.device = hello.device
  }

  #linkChanged(state: LinkState) {
    this.#link = state
    if (state === 'open') void this.announcements.attempt(() => this.#arrive())
  }

  async #arrive() {
    await this.#hello()
    await Promise.all([this.settings.load(), this.ready ? null : this.workspace.load()])
    this.signal.arrived()
    void this.runs.load()
    void this.queue.load()
    await this.trainer.loadRuntime()
    if (!this.settings.now.welcomed && !this.trainer.runtime?.library && !this.#hasAsked) {
      this.#hasAsked = true
      this.isLibraryShown = true
    }
  }

  #noticed(notice: Notice) {
    switch (notice.type) {
      case 'trainer':
        this.trainer.noticed(notice)
        break
      case 'open':
        void this.files.openRead(notice)
        break
      case 'said':
        this.announcements.announceToo(notice.text, notice.tone)
        break
      case 'menu':
        this.command(notice.command)
        break
      case 'workspace':
        this.workspace.changedElsewhere(notice.revision)
        break
      case 'newer':
        this.announce(notice.words)
        break
      case 'settings':
        this.settings.changedElsewhere(notice.settings)
        break
      case 'runs':
        this.runs.noticed(notice)
        break
      case 'queue':
        this.queue.noticed(notice.queue)
        break
      case 'queue-progress':
        this.queue.progressed(notice.progress)
        break
      case 'data':
        void this.data.load()
        break
      case 'show':
        this.show(notice.tab)
        break
      case 'link':
        void this.offerBlock(notice.link, 'a link')
        break
      default:
        throw new Error(`Unknown notice ${JSON.stringify(notice satisfies never)}`)
    }
  }

  command(command: MenuCommand): void {
    const commands: Record<MenuCommand, () => void> = {
      open: () => void this.files.open(),
      save: () => void this.files.saveExperiment(),
      'new-window': () => void this.newWindow(),
      undo: () => this.experiment.undo(),
      redo: () => this.experiment.redo(),
      play: () => this.control?.play(),
      'toggle-theme': () => this.toggleTheme(),
    }
    commands[command]()
  }

  toggleTheme(): void {
    this.view.set('theme', this.theme.isDark ? 'light' : 'dark')
  }
}
