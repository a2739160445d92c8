import { inputData, isGridData, isVectorData } from '../data/batch'
import { valuesOf } from '../data/description'
import { presetNamed, withoutSkip } from '../block/presets'
import { InputError } from '../base/errors'
import type { Experiment } from '../settings/experiment'
import { INPUT, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { blockParameters } from './parameters'
import { operationOf, shapesOf } from '../operations'
import { isLearned } from '../graph/parameter-shape'
import { remedyNamed } from '../block/remedies'
import { positions, sameShape, shapeText, vector, type BlockPlace, type Shape } from '../numerics/shape'
import type { NetworkSettings, Stage } from '../settings/network'
import { targetOf, withReset, withTransition, type VarianceReset } from '../block/transition'

/** One block of a network: its graph (remedy applied) and the shapes it works on. Equal blocks are one object. */
export interface PlannedBlock {
  graph: BlockGraph
  place: BlockPlace
  /** The shape of every edge, by node id (and `input`). */
  shapes: ReadonlyMap<string, Shape>
}

/** The shape of h_k behind a planned block. */
export const outputShape = ({ graph, shapes }: PlannedBlock): Shape => shapes.get(graph.output)!

type Outline = Pick<Experiment, 'blocks' | 'width'> &
  Partial<Pick<Experiment, 'input' | 'data' | 'ownData' | 'stem' | 'skip' | 'network'>>

type InputOutline = Pick<Outline, 'input' | 'data' | 'ownData' | 'width'>

/** Gaussian images as the input: channels, rows, columns. */
const IMAGE: Shape = { units: 3, rows: 32, columns: 32 }

/** What goes into the network, per sample. */
export function inputShape(outline: InputOutline): Shape {
  if (outline.input === 'images') return IMAGE
  if (isGridData(outline)) return inputData(outline).shape
  return vector(isVectorData(outline) ? valuesOf(inputData(outline)) : outline.width)
}

/** h_0. */
export const streamShape = (outline: InputOutline): Shape => ({
  ...inputShape(outline),
  units: outline.width,
})

/**
 * Blocks 1..L of a series: its block in every stage that has none of its own (with the series' remedy, for the whole
 * network's depth), where the shape changes with strides and projections.
 * @throws InputError when a block cannot make a stage's shape
 */
export function planNetwork(
  { graph, remedy }: { graph: BlockGraph; remedy: string },
  outline: Outline,
  where = 'network',
): PlannedBlock[] {
  const { stages, shortcut } = outline.network ?? simpleNetwork(outline)
  const known = new Map<string, PlannedBlock>()
  const plan: PlannedBlock[] = []
  let input = streamShape(outline)
  let reset: VarianceReset | null = null
  stages.forEach((stage, i) => {
    const drawn = stage.block === undefined ? graph : ownBlock(stage, remedy, outline)
    const next = (wanted: Stage['stride']) => {
      const own = reset ? withReset(drawn, reset) : drawn
      // A vector has nothing to stride over.
      const stride = positions(input) > 1 ? wanted : 1
      const place = { input, width: stage.width }
      const key = JSON.stringify([place, stride, own.nodes, own.output])
      const isSame = sameShape(targetOf({ ...place, stride }), input)
      const fit = () => withTransition(own, { ...place, stride, shortcut }, `${where}.stages[${i}]`)
      const planned = known.get(key) ?? planBlock(isSame ? own : fit(), place, where)
      known.set(key, planned)
      if (!isSame) {
        const kept = shortcut === 'A' ? Math.min(1, input.units / outputShape(planned).units) : 1
        reset = { block: plan.length, kept }
      }
      input = outputShape(planned)
      return planned
    }
    plan.push(next(stage.stride))
    // All others are one block: planned once, however many.
    if (stage.blocks > 1) plan.push(...new Array<PlannedBlock>(stage.blocks - 1).fill(next(1)))
  })
  return plan
}

const simpleNetwork = ({ blocks, width }: Outline): NetworkSettings => ({
  stages: [{ blocks, width, stride: 1 }],
  shortcut: 'A',
})

function ownBlock({ block }: Stage, remedy: string, outline: Outline): BlockGraph {
  return finalBlock(typeof block === 'string' ? presetNamed(block) : block!, remedy, outline).graph
}

/** A drawn block as the network has it: without the skip if that is off, with the remedy. */
export function finalBlock(
  drawn: BlockGraph,
  remedy: string,
  { blocks, skip, network }: Pick<Outline, 'blocks' | 'skip' | 'network'>,
) {
  const { withoutNorms, apply } = remedyNamed(remedy)
  const before = skip === 'off' ? withoutSkip(drawn) : drawn
  const { graph, note } = apply(before, { depth: blocks })
  const around = withoutNorms && graph !== before ? normsAround(network) : null
  return { graph, note: [note, around].filter(Boolean).join(' ') || null }
}

/** Remedies are of blocks: stem and head are as they are composed. */
function normsAround(network: Outline['network']): string | null {
  const parts = (['stem', 'head'] as const).filter((part) => network?.[part] === 'bn-relu')
  return parts.length
    ? `The network’s ${parts.join(' and ')} ${parts.length > 1 ? 'keep' : 'keeps'} batch normalisation.`
    : null
}

/** @throws InputError when an operation does not fit its inputs here */
function planBlock(graph: BlockGraph, place: BlockPlace, where: string): PlannedBlock {
  const shapes = shapesOf(graph, place)
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((id) => shapes.get(id)!)
    const misfit = operationOf(node).misfit?.(node, inputs, shapeText)
    if (misfit) throw new InputError(where, `in block "${graph.name}", ${misfit.problem}`, misfit.hint)
  }
  return { graph, place, shapes }
}

/**
 * What makes h_0 of the input: a layer (a 3 × 3 convolution without bias on images, of three taps on sequences), and
 * what the network adds.
 */
export function stemOf(outline: Outline): PlannedBlock | null {
  const { stem, width, network } = outline
  if (stem !== 'linear') return null
  const from = inputShape(outline)
  const window = { kernel: 3, stride: 1, padding: 1, bias: false }
  const layer: GraphNode =
    positions(from) === 1
      ? { id: 'stem', op: 'linear', inputs: [INPUT], units: 1 }
      : {
          id: 'stem',
          op: from.rows > 1 ? 'conv-2d' : 'conv-1d',
          inputs: [INPUT],
          units: 1,
          ...window,
        }
  return planBlock(around('stem', [layer], network?.stem), { input: from, width }, 'stem')
}

/** What comes between h_L and the mean over positions; null: nothing. */
export function headOf({ network }: Outline, top: Shape): PlannedBlock | null {
  if (!network?.head) return null
  return planBlock(around('head', [], network.head), { input: top, width: top.units }, 'head')
}

function around(name: string, layer: GraphNode[], then: NetworkSettings['head']): BlockGraph {
  const nodes = [...layer]
  const last = () => nodes.at(-1)?.id ?? INPUT
  if (then === 'bn-relu') nodes.push({ id: 'batch-norm', op: 'batch-norm', inputs: [last()] })
  if (then) nodes.push({ id: 'relu', op: 'relu', inputs: [last()] })
  return { name, title: name, description: '', nodes, output: nodes.at(-1)!.id }
}

/** Learned numbers of one block. */
export function parameterCount({ graph, place }: PlannedBlock): number {
  return blockParameters(graph, place)
    .filter(isLearned)
    .reduce((sum, { shape }) => sum + shape[0] * shape[1], 0)
}
