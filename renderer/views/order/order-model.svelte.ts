import { formatSi } from '../../../shared/base/format'
import { presetNamed, withoutSkip } from '../../../shared/block/presets'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { orderExperiments, orderedBlocks } from '../../../shared/order/set'
import { orderCommand, orderNeedsFile } from '../../../shared/order/command'
import { orderFinding } from '../../../shared/order/findings'
import type { Experiment } from '../../../shared/settings/experiment'
import type { OrderSettings } from '../../../shared/settings/order'
import type { ChartState } from '../../components/ChartCard.svelte'
import { measurementCost, runsByItself } from '../../state/cost'
import { chartRun } from '../../state/chart-run'
import type { Lab } from '../../state/lab.svelte'
import { orderProblem, orderSettings } from '../../state/order-question'
import { OrderState } from '../../state/order-state.svelte'
import { bandText, contextText, theoryRemarks } from './words'

/** The set of the Order view as the controls have it, what was found of it, and what is said of that. */
export class OrderModel {
  constructor(readonly lab: Lab) {}

  readonly run = $derived.by(() => this.lab.stateOf(OrderState))
  readonly document = $derived.by(() => this.lab.experiment.document)
  /** As the controls have it. */
  readonly order = $derived(orderSettings(this.document))
  readonly isConnected = $derived.by(() => this.lab.link === 'open')
  readonly chartRun = $derived.by(() => chartRun(this.lab, this.run.keeping))

  readonly #chosen = $derived(orderedBlocks(this.order, this.document).blocks)
  readonly #asked = $derived.by(() => orderExperiments(this.document, this.order)[0])
  readonly problem = $derived(orderProblem(this.document, this.order))
  readonly #work = $derived(this.problem ? Infinity : this.order.seeds * measurementCost(this.#asked))
  readonly isStale = $derived.by(() => this.run.isStale(this.document, this.order))

  // ---- What is shown --------------------------------------------------------------------------------------

  readonly series = $derived.by(() => this.run.series)
  readonly rows = $derived(this.series.map(({ row }) => row))
  readonly headers = $derived(this.series.map(({ header }) => header))
  readonly experiment = $derived<Experiment>(this.run.shown?.experiment ?? this.#asked)
  readonly seeds = $derived.by(() => this.run.shown?.order.seeds ?? this.order.seeds)
  readonly depth = $derived(this.series[0] ? this.series[0].q.mean.length - 1 : this.experiment.blocks)

  /** In place of the picture; null where there is something to draw. */
  readonly missing = $derived.by((): ChartState | null => {
    if (this.series.length) return null
    const { progress, error, status, isRunning } = this.run
    if (isRunning)
      return { kind: 'waiting', text: 'Measuring…', progress: progress && progress.done / progress.total }
    if (error) {
      const onretry = this.isConnected && !this.problem ? () => this.start() : undefined
      const text = 'Nothing to show: the measurement ended before its first number.'
      return status === 'interrupted'
        ? { kind: 'interrupted', text, onretry }
        : { kind: 'failed', text, hint: error.message, onretry }
    }
    if (!this.isConnected) return { kind: 'waiting', text: 'Connecting to the laboratory…' }
    return {
      kind: 'empty',
      text: this.problem
        ? 'Nothing measured yet.'
        : `Nothing measured yet: press Measure. About ${formatSi(this.#work)} multiplications.`,
    }
  })

  /** For the cards: whether what they draw answers older settings. */
  readonly outdated = $derived.by(() =>
    this.series.length && this.isStale && !this.run.isRunning
      ? {
          onupdate: () => this.start(),
          seconds: this.problem ? null : this.run.secondsFor(this.document, this.order),
          disabled: !this.isConnected || this.problem !== null,
        }
      : null,
  )

  /** A block as its picture shows it: as drawn, without a remedy. */
  pictured(name: string): BlockGraph {
    const own = this.experiment.block.find((one) => typeof one !== 'string' && one.name === name)
    const graph = own && typeof own !== 'string' ? own : presetNamed(name)
    return this.experiment.skip === 'off' ? withoutSkip(graph) : graph
  }

  // ---- Words ----------------------------------------------------------------------------------------------

  readonly finding = $derived(orderFinding(this.rows, this.depth))
  /** While there is no finding of what is drawn. */
  readonly waiting = $derived.by(() =>
    this.run.isRunning ? 'Measuring…' : 'The measurement ended before it was whole.',
  )
  /** Which networks the charts and the table are about. */
  readonly context = $derived(contextText(this.experiment, this.rows, this.seeds, this.run.isRunning))
  readonly remarks = $derived(theoryRemarks(this.headers))
  readonly bandWords = $derived(bandText(this.experiment, this.seeds))

  // ---- What leaves the view -------------------------------------------------------------------------------

  readonly command = $derived(orderCommand(this.document, this.order))

  copyCommand(): void {
    void this.lab.export.command(this.command, undefined, orderNeedsFile(this.document, this.order))
  }

  // ---- What the user can do -------------------------------------------------------------------------------

  start(): void {
    this.run.play(this.document)
  }

  /** Unasked it is only measured: training takes minutes, and waits for a press. */
  startIfQuick(): void {
    if (this.run.shown || this.run.isRunning || this.run.error || !runsByItself(this.#work)) return
    void this.run.run(this.document, { ...this.order, train: false })
  }

  /** @throws InputError where the set is none */
  set(change: Partial<OrderSettings>): void {
    this.lab.experiment.setSection('order', { ...this.order, ...change })
  }

  /** Makes an ordering the experiment's block, and shows it in the Signal view. */
  open(block: string): void {
    const own = this.#chosen.find((one) => typeof one !== 'string' && one.name === block)
    this.lab.experiment.set('block', [own ?? block])
    this.lab.show('signal')
  }
}
