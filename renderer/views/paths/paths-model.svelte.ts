import { formatNumber } from '../../../shared/base/format'
import { seriesOf } from '../../../shared/network/series'
import { pathCommand, pathNeedsFile } from '../../../shared/paths/command'
import { lengthsCsv, termsCsv } from '../../../shared/paths/csv'
import { networkWords, outputsFinding, samplesWords } from '../../../shared/paths/findings'
import { lengthRows } from '../../../shared/paths/lengths'
import { leftAside, problemOf, seriesAlone, type PathRequest } from '../../../shared/paths/series-paths'
import { MOST_LISTED_BLOCKS } from '../../../shared/paths/terms'
import { curveKey } from '../../../shared/runs/metrics'
import { defaultPaths, type PathSettings } from '../../../shared/settings/paths'
import { appearanceOf, remedyLook } from '../../../shared/charts/appearance'
import { factsOf } from '../../../shared/figures/facts'
import { networksText, pathFigures } from '../../../shared/figures/paths-figures'
import { networkTitle } from '../../../shared/network/series-names'
import type { ChartState, ChartUpdate } from '../../components/ChartCard.svelte'
import { offerFigure } from '../../state/chart-figure'
import { chartRun } from '../../state/chart-run'
import type { Lab } from '../../state/lab.svelte'
import { PathsState, type PathsResult } from '../../state/paths-state.svelte'
import { seriesId } from '../../state/view-settings.svelte'
import { LengthsModel } from './lengths-model.svelte'
import { Pointing } from './pointing.svelte'
import { UnravelledModel } from './unravelled-model.svelte'

/** What the view of paths asks for, what it shows of the answer, and what the user can do. */
export class PathsModel {
  constructor(private readonly lab: Lab) {}

  readonly document = $derived.by(() => this.lab.experiment.document)
  readonly settings = $derived(this.document.paths ?? defaultPaths())
  /** Whether the networks are drawn path by path; else paths are counted by length. */
  readonly isDrawn = $derived(this.settings.show === 'unravelled')
  readonly blocks = $derived(this.isDrawn ? this.settings.blocks : this.document.blocks)
  readonly pointing = new Pointing(() => this.blocks)
  readonly unravelled = new UnravelledModel(this)
  readonly lengths = new LengthsModel(this)

  // ---- Which series ---------------------------------------------------------------------------------------

  /** Every block and remedy of the experiment; the paths of one of them are shown. */
  readonly all = $derived(
    seriesOf(this.document).map(({ block, remedy }) => ({
      block: block.name,
      blockTitle: block.title,
      remedy,
    })),
  )
  readonly place = $derived.by(() =>
    Math.max(
      0,
      this.all.findIndex((one) => seriesId(one) === this.lab.view.series),
    ),
  )
  readonly colour = $derived(remedyLook(this.all[this.place].remedy).colour)
  /** What of the experiment this view cannot take into account, in words. */
  readonly aside = $derived(leftAside(this.document, this.settings.training))

  readonly request = $derived.by<PathRequest>(() => {
    // Other views’ settings are no part of the question.
    const { paths: _p, shatter: _s, lesion: _l, order: _o, draft: _d, ...experiment } = this.document
    const { terms, width } = this.settings
    const listing = terms === 'all' && this.blocks > MOST_LISTED_BLOCKS ? 'sample' : terms
    return {
      experiment: seriesAlone(experiment, this.place, { blocks: this.blocks, width }),
      listing: this.isDrawn ? 'all' : listing,
    }
  })

  // ---- One trained network, if that is what is looked at --------------------------------------------------

  readonly work = $derived.by(() => this.lab.stateOf(PathsState))
  readonly trainings = $derived(this.work.trainings)
  readonly run = $derived(this.settings.training ? this.trainings.find(this.request.experiment) : null)
  readonly isTraining = $derived(this.settings.training && this.trainings.isTraining(this.request.experiment))
  /** Why it cannot be trained, before anything is. */
  readonly refusal = $derived(this.settings.training ? problemOf(this.request, true) : null)
  /** Other settings are another network, which is trained when the user asks for it. */
  readonly isUntrained = $derived(this.settings.training && !this.run)

  // ---- What is shown --------------------------------------------------------------------------------------

  /** Why what is asked for now cannot be shown. */
  readonly problem = $derived(this.refusal ?? (this.isUntrained ? null : this.work.problem))
  /** What is shown may be older than the settings, but never of another size or page. */
  readonly result = $derived.by<PathsResult | null>(() => {
    const { work, blocks, request } = this
    const found = work.result
    if (!found || this.problem || (found.trained !== null) !== this.settings.training) return null
    const { experiment, listing } = found.request
    const isSame = experiment.blocks === blocks && (listing === 'all') === (request.listing === 'all')
    return isSame && (work.isCurrent || work.isRunning || this.isUntrained) ? found : null
  })
  /** Whether it answers other settings than the controls’. */
  readonly isStale = $derived(this.result !== null && (!this.work.isCurrent || this.isUntrained))
  /** For the cards, where a press brings them up to date; what is merely computed comes by itself. */
  readonly outdated = $derived.by<ChartUpdate | null>(() => {
    if (!this.isStale || !this.isUntrained || this.isTraining) return null
    const seconds = this.trainings.secondsFor(this.request.experiment)
    return { onupdate: () => this.train(), seconds, disabled: this.lab.link !== 'open' }
  })
  /** That the derivative is the sum over its paths and the output is not; by how much, once it is measured. */
  readonly outputs = $derived.by(() => {
    const { measured = null, trained, request } = this.result ?? {}
    const of = trained ? samplesWords(trained.samples) : networkWords(request?.experiment.replicas ?? 1)
    return outputsFinding(measured, this.blocks, of, trained?.initial ?? null)
  })
  readonly chartRun = $derived.by(() => this.result && chartRun(this.lab, this.result.keeping))
  /** Pinned runs' shares of the energy by path length. */
  readonly pinned = $derived.by(() =>
    this.lab.overlays.curves(curveKey('share', 'length'), this.result?.keeping.run),
  )
  /** How the network was trained and what came of it; empty where none was. */
  readonly trainedWords = $derived.by(() => {
    const shown = this.run ?? this.result?.trained?.run
    if (!shown || shown.problem) return ''
    const { steps, planned, test } = shown
    const how = steps < planned ? `${steps} of ${planned} steps, then stopped` : `${steps} steps`
    const outcome = test
      ? `: test loss ${formatNumber(test.loss)}, test error ${formatNumber(100 * test.error)} %`
      : ''
    return `${how}${outcome}`
  })
  /** In place of the pictures, while there is no result. */
  readonly missing = $derived.by<ChartState>(() => {
    if (this.problem) return { kind: 'empty', text: 'Nothing to show.' }
    if (this.isTraining) return { kind: 'waiting', text: 'Training the network…' }
    if (this.isUntrained)
      return {
        kind: 'empty',
        text:
          'Press Train: one network of this block is trained as the fields on the left say, ' +
          'then its paths are measured.',
      }
    if (this.work.wasStopped)
      return { kind: 'interrupted', text: 'Stopped: nothing is computed. Press Compute.' }
    const { done, total } = this.work.progress
    if (!done) return { kind: 'waiting', text: 'Expanding the paths…' }
    const which = `${this.run ? 'at test sample' : 'of network'} ${done + 1} of ${total}`
    return { kind: 'waiting', text: `Expanding the paths ${which}…`, progress: done / total }
  })
  readonly status = $derived.by(() => {
    if (this.work.isRunning || this.isTraining) return 'running'
    if (this.problem) return 'refused'
    return this.result && !this.isStale ? 'done' : 'idle'
  })

  // ---- What the user does ---------------------------------------------------------------------------------

  set(changes: Partial<PathSettings>): void {
    this.lab.experiment.setSection('paths', { ...this.settings, ...changes })
  }

  /** Sets what makes another network: who chose trained ones wants it trained. */
  choose(changes: Partial<PathSettings>): void {
    this.set(changes)
    this.#trainIfNew()
  }

  /** @param place as in `all` */
  chooseSeries(place: number): void {
    this.lab.view.series = seriesId(this.all[place])
    this.#trainIfNew()
  }

  /** Asks for what the controls say; a trained network’s paths only once it is there. */
  ask(): void {
    if (!this.settings.training || this.run) this.work.ask(this.request, this.document, this.run)
  }

  train(): void {
    if (!this.refusal) void this.trainings.train(this.request.experiment)
  }

  play(): void {
    if (this.settings.training) this.train()
    else this.work.again()
  }

  /** Lets go of what is held; else ends what runs. */
  stop(): void {
    if (this.pointing.held) this.pointing.clear()
    else if (this.isTraining) this.trainings.training.stop()
    else this.work.stop()
  }

  #trainIfNew() {
    if (this.settings.training && !this.run && !this.isTraining) this.train()
  }

  // ---- What leaves the view -------------------------------------------------------------------------------

  readonly command = $derived(
    pathCommand(this.request.experiment, this.request.listing, this.settings.training),
  )

  copyCommand(): void {
    const needsFile = pathNeedsFile(this.request.experiment, this.settings.training)
    void this.lab.export.command(this.command, undefined, needsFile)
  }

  /** Numbers of what is shown, which may be older than the controls. */
  saveCsv(): void {
    if (!this.result) return
    const { measured, theory, trained, request } = this.result
    const n = trained ? trained.samples : request.experiment.replicas
    const initial = trained?.initial ?? null
    const content = this.isDrawn
      ? termsCsv(namesOf(request), measured, n, initial)
      : lengthsCsv(
          namesOf(request),
          lengthRows(this.blocks, measured, theory),
          n,
          initial && lengthRows(this.blocks, initial, null),
        )
    this.lab.export.csv(this.#exported(request), content)
  }

  /** Offers one of the charts of what is shown, see `pathFigures`. */
  offerChart(id: string): void {
    if (!this.result) return
    const { measured, theory, trained, request, keeping } = this.result
    const names = namesOf(request)
    const { experiment } = request
    const run = this.lab.runs.find(keeping.run)
    const { version } = this.lab
    const facts = factsOf({ kind: trained ? 'train' : 'paths', experiment, run, version })
    const series = {
      ...{ measured, theory, blocks: this.blocks, initial: trained?.initial ?? null },
      name: networkTitle({ ...names, skip: experiment.skip }),
      look: appearanceOf({ block: names.block, remedy: names.remedy }, [names.block]),
    }
    const figures = pathFigures([series], {
      ...{ facts, made: null, version: this.lab.version },
      networks: trained
        ? `one trained network, n = ${trained.samples} test samples`
        : networksText(experiment.replicas),
    })
    const figure = figures.find((one) => one.id === id)
    if (!figure) return
    offerFigure(this.lab, {
      ...figure,
      what: { view: 'paths', chart: id, experiment },
      of: trained ? { facts } : { kind: 'paths', keeping },
      sameAs: trained ? null : id,
    })
  }

  #exported({ experiment }: PathRequest) {
    return { view: 'paths', chart: this.settings.show, experiment }
  }
}

/** The one series that was asked for: the controls may be at another by now. */
function namesOf({ experiment }: PathRequest) {
  const [{ block, remedy }] = seriesOf(experiment)
  return { block: block.name, blockTitle: block.title, remedy }
}
