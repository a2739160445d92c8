import { describedData } from '../../shared/data/data-sets'
import { outputsOf } from '../../shared/data/description'
import type { Experiment } from '../../shared/settings/experiment'
import { INPUT } from '../../shared/graph/block-graph'
import { blockParameters } from '../../shared/network/parameters'
import { operationOf } from '../../shared/operations'
import {
  headOf,
  inputShape,
  outputShape,
  parameterCount,
  planNetwork,
  stemOf,
  streamShape,
  type PlannedBlock,
} from '../../shared/network/plan'
import { type SeriesGraph, seriesGraphs } from '../../shared/network/series'
import { positions, vector, type Shape } from '../../shared/numerics/shape'
import type { NetworkSettings } from '../../shared/settings/network'

/** Stem, a stage, or head: what comes in, what goes out, and what it is made of. */
export interface Part {
  kind: 'stem' | 'stage' | 'head'
  from: Shape
  to: Shape
  /** 1 for stem and head. */
  blocks: number
  /** Name of the block; of stem and head what they are. */
  title: string
  /** Layers with weights on the longest way through. */
  layers: number
  parameters: number
  /** Multiplications of one sample’s forward pass. */
  multiplications: number
  /** What the first block's skip connections go through where the shape changes; null: it does not change. */
  projection: 'A' | 'B' | null
}

/** One curve's network, part by part, from the input to the classes. */
export interface NetworkOutline {
  input: Shape
  parts: Part[]
  layers: number
  parameters: number
  multiplications: number
  /** Numbers that a measurement keeps of one sample: h_0..h_L. */
  streamValues: number
}

/** The stages of an experiment, also where it is one block repeated. */
export const stagesOf = ({ network, blocks, width }: Experiment): NetworkSettings =>
  network ?? { stages: [{ blocks, width, stride: 1 }], shortcut: 'A' }

/** @param series one of `seriesGraphs(experiment)` */
export function outlineOf(experiment: Experiment, series: SeriesGraph): NetworkOutline {
  const plan = planNetwork(series, experiment)
  const { stages } = stagesOf(experiment)
  const stem = stemOf(experiment)
  const parts: Part[] = []
  if (stem) parts.push({ ...partOf('stem', [stem]), title: stemTitle(stem) })
  let at = 0
  for (const stage of stages) {
    const blocks = plan.slice(at, (at += stage.blocks))
    const title =
      stage.block === undefined
        ? series.blockTitle
        : typeof stage.block === 'string'
          ? blocks[0].graph.title
          : stage.block.title
    parts.push({ ...partOf('stage', blocks), title })
  }
  const top = outputShape(plan[plan.length - 1])
  const outputs = outputsOf(describedData(experiment))
  const before = headOf(experiment, top)
  const own = before ? partOf('head', [before]) : null
  parts.push({
    kind: 'head',
    from: top,
    to: vector(outputs),
    blocks: 1,
    title: [
      ...(experiment.network?.head === 'bn-relu' ? ['BN'] : []),
      ...(before ? ['ReLU'] : []),
      ...(positions(top) > 1 ? ['mean'] : []),
      'linear',
    ].join(', '),
    layers: 1,
    parameters: (own?.parameters ?? 0) + (top.units + 1) * outputs,
    multiplications: top.units * outputs,
    projection: null,
  })
  const sum = (key: 'layers' | 'parameters' | 'multiplications') =>
    parts.reduce((total, part) => total + part[key], 0)
  return {
    input: stem ? inputShape(experiment) : streamShape(experiment),
    parts,
    layers: sum('layers'),
    parameters: sum('parameters'),
    multiplications: sum('multiplications'),
    streamValues: [...plan.map(outputShape), streamShape(experiment)].reduce(
      (total, shape) => total + shape.units * positions(shape),
      0,
    ),
  }
}

function partOf(kind: Part['kind'], blocks: readonly PlannedBlock[]): Part {
  const over = (value: (block: PlannedBlock) => number) => sumOver(blocks, value)
  return {
    kind,
    from: blocks[0].shapes.get(INPUT)!,
    to: outputShape(blocks[blocks.length - 1]),
    blocks: blocks.length,
    title: '',
    layers: over(layersOf),
    parameters: over(parameterCount),
    multiplications: over(multiplicationsOf),
    projection: projectionOf(blocks[0]),
  }
}

/** Equal blocks are one object: each is looked at once. */
function sumOver(blocks: readonly PlannedBlock[], value: (block: PlannedBlock) => number): number {
  const known = new Map<PlannedBlock, number>()
  return blocks.reduce((total, block) => {
    const one = known.get(block) ?? value(block)
    known.set(block, one)
    return total + one
  }, 0)
}

function layersOf({ graph }: PlannedBlock): number {
  const layers = new Map([[INPUT, 0]])
  for (const node of graph.nodes) {
    const before = Math.max(...node.inputs.map((id) => layers.get(id)!))
    layers.set(node.id, before + (operationOf(node).kind === 'linear' ? 1 : 0))
  }
  return layers.get(graph.output)!
}

function multiplicationsOf({ graph, place, shapes }: PlannedBlock): number {
  return blockParameters(graph, place)
    .filter(({ role }) => role === 'weight')
    .reduce((total, { node, shape }) => total + shape[0] * shape[1] * positions(shapes.get(node)!), 0)
}

const projectionOf = ({ graph }: PlannedBlock): Part['projection'] =>
  graph.nodes.some(({ op, id }) => op === 'shortcut' && id.startsWith('projection-'))
    ? 'A'
    : graph.nodes.some(({ id }) => id.startsWith('projection-'))
      ? 'B'
      : null

const stemTitle = ({ graph }: PlannedBlock) =>
  graph.nodes
    .map(
      (node) =>
        ({ 'conv-2d': '3 × 3 conv', 'conv-1d': 'conv of 3', 'batch-norm': 'BN', relu: 'ReLU' })[
          node.op as string
        ] ?? node.op,
    )
    .join(', ')

/** "20 layers = 6 × 3 + 2" for the networks of He et al. 2015; others by their number. */
export function layersText({ layers, parts }: NetworkOutline): string {
  const stages = parts.filter(({ kind }) => kind === 'stage')
  const n = stages[0].blocks
  const isCifar =
    stages.length === 3 &&
    stages.every(({ blocks, layers }) => blocks === n && layers === 2 * n) &&
    layers === 6 * n + 2
  return isCifar ? `${layers} layers = 6 × ${n} + 2` : `${layers} ${layers === 1 ? 'layer' : 'layers'}`
}

/** For charts over blocks: the block after which each stage begins, and its width. Empty where there is one stage. */
export function stageMarks({ network }: Pick<Experiment, 'network'>): { block: number; text: string }[] {
  if (!network || network.stages.length < 2) return []
  let block = 0
  return network.stages.map(({ blocks, width }) => {
    const mark = { block, text: `width ${width}` }
    block += blocks
    return mark
  })
}

/** Multiplications of a measurement's forward pass over all curves, networks and samples. */
export function workOf(experiment: Experiment): number {
  const { batch, replicas } = experiment
  const each = seriesGraphs(experiment).map((series) =>
    sumOver(planNetwork(series, experiment), multiplicationsOf),
  )
  return batch * replicas * each.reduce((sum, one) => sum + one, 0)
}
