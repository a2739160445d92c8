import { startsOutputAtZero } from '../block/remedies'
import { describedData } from '../data/data-sets'
import { isRegression, outputsOf } from '../data/description'
import { trainingExperiment } from '../experiment/experiment'
import type { BlockIndex } from '../graph/parameter-shape'
import type { StandardLayer } from '../graph/standard-layer'
import { blockParameters, type ParameterPlace } from '../network/parameters'
import { headOf, inputShape, outputShape, planNetwork, stemOf, type PlannedBlock } from '../network/plan'
import { seriesGraphs } from '../network/series'
import { networkTitle } from '../network/series-names'
import { positions, type Shape } from '../numerics/shape'
import { operationOf } from '../operations'
import type { Experiment } from '../settings/experiment'
import { layerNames } from './names'

/** One node of a part as a layer of the field, with the arrays that it has in the lab. */
export interface ExportedNode {
  id: string
  inputs: readonly string[]
  layer: StandardLayer
  /** Of its first input. */
  input: Shape
  output: Shape
  /** In the operation's order; what is not learned is among them. */
  parameters: ParameterPlace[]
  /** Names of what batch statistics it is evaluated with. */
  statistics: readonly string[]
}

/** A stretch of a network: its stem, a block, its head. */
export interface ExportedPart {
  /** What its arrays' names begin with: "stem", "blocks.3", "head". */
  name: string
  title: string
  planned: PlannedBlock
  nodes: ExportedNode[]
  /** The node that is its value. */
  output: string
}

/** A network as it leaves the lab: layers of the field from the input to the output. */
export interface ExportedNetwork {
  /** "Type 2 + batch norm". */
  title: string
  /** That of the block, a sentence. */
  description: string
  /** As the network was trained, or measured. */
  experiment: Experiment
  /** Of one sample. */
  input: Shape
  /** Along how many axes samples have positions, in the layers that frameworks offer: 0 for vectors. */
  axes: 0 | 1 | 2
  stem: ExportedPart | null
  blocks: ExportedPart[]
  head: ExportedPart | null
  /** The shape of what is averaged over positions. */
  top: Shape
  /** Outputs of the linear layer behind the mean over positions; null: h_L itself is the output. */
  outputs: number | null
  /** What weights and bias of that layer start multiplied by: 0 where a remedy starts it so. */
  outputFactor: 0 | 1
  /** What the output is called: "logits", of real targets "predictions", or "h". */
  outputName: 'logits' | 'predictions' | 'h'
}

/** Arrays of one network by the lab's names: "blocks.3.linear-1.weight", "output.bias"; [rows, columns], row by row. */
export type NetworkArrays = (name: string) => { shape: readonly [number, number]; values: Float32Array }

/**
 * The network of one series.
 * @param series counts from 0
 * @param learns whether it is one that trains: with a stem, and with a linear layer to the outputs at its end
 */
export function exportedNetwork(given: Experiment, series: number, learns: boolean): ExportedNetwork {
  const experiment = learns ? trainingExperiment(given) : given
  const one = seriesGraphs(experiment)[series]
  const plan = planNetwork(one, experiment)
  const top = outputShape(plan[plan.length - 1])
  const [stem, head] = [stemOf(experiment), learns ? headOf(experiment, top) : null]
  const depth = plan.length
  const network: Omit<ExportedNetwork, 'axes'> = {
    title: networkTitle({ ...one, skip: experiment.skip }),
    description: one.graph.description,
    experiment,
    input: inputShape(experiment),
    stem: stem && partOf('stem', stem, { block: 1, depth }),
    blocks: plan.map((planned, k) => partOf(`blocks.${k + 1}`, planned, { block: k + 1, depth })),
    head: head && partOf('head', head, { block: 1, depth }),
    top: head ? outputShape(head) : top,
    outputs: learns ? outputsOf(describedData(experiment)) : null,
    outputFactor: startsOutputAtZero(one) ? 0 : 1,
    outputName: !learns ? 'h' : isRegression(describedData(experiment)) ? 'predictions' : 'logits',
  }
  return { ...network, axes: axesOf(network) }
}

/** Blocks in a row without stem, head and outputs. @param blocks of one network, from the input up */
export function blocksAlone(
  title: string,
  blocks: readonly PlannedBlock[],
  experiment: Experiment,
): ExportedNetwork {
  const network = {
    ...{ title, description: '', experiment, stem: null, head: null, outputs: null },
    ...({ outputFactor: 1, outputName: 'h' } as const),
    input: blocks[0].place.input,
    blocks: blocks.map((planned, k) =>
      partOf(`blocks.${k + 1}`, planned, { block: k + 1, depth: blocks.length }),
    ),
    top: outputShape(blocks[blocks.length - 1]),
  }
  return { ...network, axes: axesOf(network) }
}

/** A planned block in layers. @param name what its arrays' names begin with */
export function partOf(name: string, planned: PlannedBlock, at: BlockIndex): ExportedPart {
  const { graph, place, shapes } = planned
  const parameters = blockParameters(graph, place, at)
  return {
    name,
    title: graph.title,
    planned,
    output: graph.output,
    nodes: graph.nodes.map((node) => {
      const operation = operationOf(node)
      const [input, output] = [shapes.get(node.inputs[0])!, shapes.get(node.id)!]
      return {
        ...{ id: node.id, inputs: node.inputs, input, output },
        layer: operation.layer(node, input, output, at),
        parameters: parameters.filter((one) => one.node === node.id),
        statistics: operation.statistics ?? [],
      }
    }),
  }
}

/** From the input up. */
export const partsOf = ({ stem, blocks, head }: Omit<ExportedNetwork, 'axes'>): ExportedPart[] => [
  ...(stem ? [stem] : []),
  ...blocks,
  ...(head ? [head] : []),
]

/** What the layer behind the mean over positions may be called. */
const OUTPUT_NAMES = ['logits', 'predictions']

/** Names of all nodes as layers of Keras and TensorFlow, by id; none is called as the output is. */
export const layerNamesOf = (network: Omit<ExportedNetwork, 'axes'>): Map<string, string> =>
  layerNames(
    partsOf(network).flatMap(({ nodes }) => nodes.map(({ id }) => id)),
    OUTPUT_NAMES,
  )

/** What graphs call arrays, by the lab's names: "blocks.3.linear-1.weight" with the layer's name of `layerNamesOf`. */
export function graphNamesOf(network: ExportedNetwork): (source: string) => string {
  const plain = layerNamesOf(network)
  const layers = new Map(
    partsOf(network).flatMap(({ name, nodes }) =>
      nodes.map(({ id }) => [`${name}.${id}`, `${name}.${plain.get(id)!}`]),
    ),
  )
  return (source) => {
    const at = source.lastIndexOf('.')
    const layer = source.slice(0, at)
    return (layers.get(layer) ?? layer) + source.slice(at)
  }
}

/** Whether a stem or head is one layer with weights, which then needs no class of its own. */
export const isSingle = ({ nodes: [node, ...others] }: ExportedPart): boolean =>
  others.length === 0 && 'standardised' in node.layer && node.layer.standardised === 0

/** A window that reaches over rows needs a grid, even where a sample has a single row or position. */
function axesOf(network: Omit<ExportedNetwork, 'axes'>): 0 | 1 | 2 {
  const nodes = partsOf(network).flatMap((part) => part.nodes)
  const windows = nodes.flatMap(({ layer }) => ('kernel' in layer ? [layer] : []))
  const reachesOverRows = windows.some(({ kernel, padding }) => kernel[0] > 1 || padding[0] > 0)
  if (reachesOverRows || network.input.rows > 1) return 2
  return windows.length > 0 || positions(network.input) > 1 ? 1 : 0
}
