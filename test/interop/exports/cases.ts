import { convolutional } from '../../../shared/block/convolutional'
import { parseBlockGraph } from '../../../shared/block/file'
import { PRESETS } from '../../../shared/block/presets'
import { REMEDIES } from '../../../shared/block/remedies'
import { trainingExperiment, withLabels } from '../../../shared/experiment/experiment'
import { NETWORKS } from '../../../shared/experiment/preset-networks'
import {
  blocksAlone,
  exportedNetwork,
  partsOf,
  type ExportedNetwork,
  type NetworkArrays,
} from '../../../shared/export/network'
import { referenceOutputs } from '../../../shared/export/reference'
import { shapesOf } from '../../../shared/operations'
import { Random } from '../../../shared/numerics/random'
import { positions } from '../../../shared/numerics/shape'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { randomBlocks } from '../../shared/random-blocks'

/** A network with weights, fresh inputs, and what the float64 oracle says comes out. */
export interface ExportCase {
  name: string
  network: ExportedNetwork
  arrays: NetworkArrays
  /** [samples, position × channel]. */
  x: Float32Array
  outputs: Float64Array
}

const SAMPLES = 3
/** In float64 without TensorFlow, deeper preset networks take minutes. */
const MOST_BLOCKS = 20

/** Numbers as a trained network may have them: none is 0 or 1, variances are positive. */
function randomArrays(network: ExportedNetwork): NetworkArrays {
  const shapes = new Map<string, readonly [number, number]>()
  for (const { name, nodes } of partsOf(network)) {
    for (const { id, parameters, statistics, input } of nodes) {
      for (const { role, shape } of parameters) shapes.set(`${name}.${id}.${role}`, shape)
      for (const one of statistics) shapes.set(`${name}.${id}.${one}`, [1, input.units])
    }
  }
  if (network.outputs !== null) {
    shapes.set('output.weight', [network.top.units, network.outputs])
    shapes.set('output.bias', [1, network.outputs])
  }
  const known = new Map(
    [...shapes].map(([name, shape], i) => {
      const values = new Float32Array(shape[0] * shape[1])
      const random = new Random(17, i)
      random.fillNormal(values, name.endsWith('.weight') ? 1 / Math.sqrt(shape[0]) : 0.3)
      if (name.endsWith('.gain') || name.endsWith('.variance'))
        values.forEach((value, at) => (values[at] = 0.5 + Math.abs(value)))
      return [name, { shape, values }]
    }),
  )
  return (name) => known.get(name)!
}

function caseOf(name: string, network: ExportedNetwork): ExportCase {
  const arrays = randomArrays(network)
  const x = new Float32Array(SAMPLES * network.input.units * positions(network.input))
  new Random(18).fillNormal(x, 1)
  return { name, network, arrays, x, outputs: referenceOutputs(network, arrays, x) }
}

const small = (changes: Partial<Experiment>): Experiment =>
  trainingExperiment(
    withLabels({ ...defaultExperiment(), blocks: 3, width: 12, trainReplicas: 1, ...changes }),
  )

/** Ids that no framework takes as they are, two alike but for such letters, and an operation that nothing reads. */
const ODD_NAMES = parseBlockGraph(
  {
    ...{
      version: 1,
      name: 'odd',
      title: `Odd 'names' */ """ \\`,
      description: 'x */ y """ z',
      output: 'the sum',
    },
    nodes: [
      { id: 'logits', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'a b', op: 'batch-norm', inputs: ['logits'] },
      { id: 'a/b', op: 'linear', inputs: ['a b'], units: 1, bias: true },
      { id: 'nichts', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'é', op: 'gain', inputs: ['a/b'], initial: 0.5 },
      { id: 'the sum', op: 'sum', inputs: ['input', 'é'] },
    ],
  },
  'block',
)

/** Every preset block with every remedy, preset networks, and blocks of all operations. */
export function exportCases(): ExportCase[] {
  const dense = PRESETS.flatMap((block) =>
    REMEDIES.map(({ name }) =>
      caseOf(
        `${block.name}, ${name}`,
        exportedNetwork(small({ block: [block], remedies: [name], compare: [] }), 0, true),
      ),
    ),
  )
  const sequences = PRESETS.slice(0, 3).map((block) => {
    const experiment = small({ block: [convolutional(block, 1)], compare: [], remedies: ['batch-norm'] })
    return caseOf(`${block.name} on sequences`, exportedNetwork(experiment, 0, true))
  })
  const networks = NETWORKS.filter(({ changes }) => changes.blocks <= MOST_BLOCKS).map(
    ({ name, changes }) => {
      const experiment = { ...defaultExperiment(), ...changes, remedies: ['none'] }
      return caseOf(name, exportedNetwork(experiment, 0, false))
    },
  )
  const random = randomBlocks(3, 50).map(({ name, graph, place }, i) => {
    const planned = { graph, place, shapes: shapesOf(graph, place) }
    return caseOf(`${i}: ${name}`, blocksAlone('Random block', [planned], defaultExperiment()))
  })
  const odd = exportedNetwork(small({ block: [ODD_NAMES], compare: [], remedies: ['none'] }), 0, true)
  return [...dense, ...sequences, ...networks, ...random, caseOf('names that no framework takes', odd)]
}
