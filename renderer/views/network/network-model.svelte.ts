import { convolutional } from '../../../shared/block/convolutional'
import { PRESETS } from '../../../shared/block/presets'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { withoutStages, type PresetNetwork } from '../../../shared/experiment/preset-networks'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { inputShape } from '../../../shared/network/plan'
import { positions } from '../../../shared/numerics/shape'
import { seriesGraphs } from '../../../shared/network/series'
import { orderingTitle, ownBlocks } from '../../../shared/order/set'
import type { Experiment } from '../../../shared/settings/experiment'
import type { NetworkSettings, Stage } from '../../../shared/settings/network'
import type { Lab } from '../../state/lab.svelte'
import { mendsOf, problemOf, type Attempt } from '../../state/mends'
import { outlineOf, stagesOf, workOf } from '../../state/network-outline'
import { seriesId } from '../../state/view-settings.svelte'

/** The network of the experiment, part by part, and what the user can do to it. */
export class NetworkModel {
  constructor(private readonly lab: Lab) {}

  /** What the user wants and the experiment cannot be yet. */
  attempt = $state.raw<Attempt | null>(null)
  /** The part that is pointed at, by its index. */
  hovered = $state<number | null>(null)

  readonly document = $derived.by(() => this.lab.experiment.document)
  /** All curves; one of them, as a network, is what is shown. */
  readonly curves = $derived(seriesGraphs(this.document))
  readonly curve = $derived.by(
    () => this.curves.find((one) => seriesId(one) === this.lab.selectedSeries) ?? this.curves[0],
  )
  readonly outline = $derived(outlineOf(this.document, this.curve))
  /** As the user wants them. */
  readonly settings = $derived(stagesOf((this.attempt as Experiment | null) ?? this.document))
  readonly problem = $derived(this.attempt && problemOf(this.attempt))
  readonly mends = $derived(this.attempt ? mendsOf(this.attempt) : [])

  // ---- What it takes --------------------------------------------------------------------------------------

  /** Multiplications of one forward pass, all curves together. */
  readonly work = $derived(workOf(this.document))
  /** Bytes of a curve's activations, as float32. */
  readonly bytes = $derived(4 * this.outline.streamValues * this.document.batch * this.document.replicas)
  /** As fast as the last measurement was; null before the first. */
  readonly seconds = $derived.by(() => {
    const { run } = this.lab
    if (!run.started || !run.finished || !run.seconds) return null
    return (run.seconds * this.work) / Math.max(1, workOf(run.started.experiment))
  })

  // ---- Edits ----------------------------------------------------------------------------------------------

  /** Takes what is wanted if it is an experiment; else keeps it beside, with what is wrong. */
  want(wanted: Attempt, subject: string | null = null): void {
    const plain = withoutNeedlessNetwork(wanted)
    if (problemOf(plain) !== null) {
      this.attempt = plain
      return
    }
    this.attempt = null
    this.lab.experiment.change(() => parseExperiment(plain, ''), subject)
  }

  edit(change: Partial<NetworkSettings>, subject: string | null = null): void {
    this.want({ ...(this.attempt ?? this.document), network: { ...this.settings, ...change } }, subject)
  }

  /** @param i the stage's index */
  editStage(i: number, change: Partial<Stage>, subject: string | null = null): void {
    const stages = this.settings.stages.map((stage, j) => (j === i ? { ...stage, ...change } : stage))
    this.edit({ stages }, subject)
  }

  /** Half the grid at twice the width, as in most networks; without a grid the same again. */
  addStage(): void {
    const { stages } = this.settings
    const last = stages[stages.length - 1]
    const hasGrid = positions(inputShape(this.document)) > 1
    const next: Stage = {
      blocks: last.blocks,
      width: hasGrid ? 2 * last.width : last.width,
      stride: hasGrid ? 2 : 1,
    }
    this.edit({ stages: [...stages, next] })
  }

  removeStage(i: number): void {
    this.edit({ stages: this.settings.stages.filter((_, j) => j !== i) })
  }

  toSingleStage(): void {
    this.want(withoutStages(this.document))
  }

  usePreset({ changes }: PresetNetwork): void {
    this.want({ ...this.document, ...changes } as Attempt)
  }

  /** What follows the stem's layer, or comes before the head's; '': nothing. */
  setAround(part: 'stem' | 'head', what: string): void {
    const { [part]: _part, ...rest } = this.settings
    this.want({
      ...(this.attempt ?? this.document),
      network: what ? { ...rest, [part]: what } : rest,
    } as Attempt)
  }

  // ---- Choices --------------------------------------------------------------------------------------------

  /**
   * Blocks that a stage can have of its own: those that suit the input, and those that the experiment brought along.
   */
  readonly stageBlocks = $derived.by((): ReadonlyMap<string, string | BlockGraph> => {
    const grid = inputShape(this.document)
    const dimensions = grid.rows > 1 ? 2 : positions(grid) > 1 ? 1 : null
    const presets: (string | BlockGraph)[] = dimensions
      ? PRESETS.filter((preset) => !isOfGrid(preset)).map((preset) => convolutional(preset, dimensions))
      : PRESETS.map(({ name }) => name)
    const stages = this.settings.stages.flatMap(({ block }) => (block === undefined ? [] : [block]))
    return byName([...presets, ...ownBlocks(this.document), ...stages])
  })
}

/** One stage with nothing around it is depth and width. */
function withoutNeedlessNetwork(wanted: Attempt): Attempt {
  const { network } = wanted
  if (!network || network.stages.length > 1 || network.stem || network.head) return wanted
  const [{ blocks, width, stride, block }] = network.stages
  if (stride !== 1 || block !== undefined) return wanted
  const { network: _network, ...rest } = wanted
  return { ...rest, blocks, width }
}

const isOfGrid = ({ nodes }: BlockGraph) => nodes.some(({ op }) => op === 'conv-1d' || op === 'conv-2d')

export const nameOf = (block: string | BlockGraph) => (typeof block === 'string' ? block : block.name)

export const titleOf = (block: string | BlockGraph) =>
  orderingTitle(
    typeof block === 'string' ? (PRESETS.find(({ name }) => name === block)?.title ?? block) : block.title,
  )

const byName = (blocks: readonly (string | BlockGraph)[]) =>
  new Map(blocks.map((block) => [nameOf(block), block]))
