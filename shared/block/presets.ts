import { named } from '../base/errors'
import { PAPERS } from '../base/papers'
import type { Reference } from '../base/reference'
import { INPUT, ancestors, type BlockGraph, type GraphNode } from '../graph/block-graph'

type Step = 'linear' | 'relu' | 'batch-norm' | { linear: number }

/** A chain of operations from node `from`; the id of a step is its operation and its place, e.g. `linear-2`. */
function chain(nodes: GraphNode[], from: string, steps: Step[]): string {
  let last = from
  for (const step of steps) {
    const op = typeof step === 'string' ? step : 'linear'
    const id = `${op}-${nodes.filter((node) => node.op === op).length + 1}`
    if (op === 'linear')
      nodes.push({ id, op, inputs: [last], units: typeof step === 'string' ? 1 : step.linear })
    else nodes.push({ id, op, inputs: [last] })
    last = id
  }
  return last
}

function residual(
  name: string,
  title: string,
  description: string,
  branch: Step[],
  after: Step[] = [],
): BlockGraph {
  const nodes: GraphNode[] = []
  const end = chain(nodes, INPUT, branch)
  nodes.push({ id: 'sum', op: 'sum', inputs: [INPUT, end] })
  return { name, title, description, nodes, output: chain(nodes, 'sum', after) }
}

/**
 * The three orderings of Understanding Deep Learning, fig. 11.5, and those of He et al. 2016 (arXiv 1603.05027), fig.
 * 4.
 */
export const PRESETS: readonly BlockGraph[] = [
  residual(
    'linear-relu',
    'Type 1: linear, then ReLU',
    'The usual order. The branch ends in a ReLU, so it can only add: means pile up and growth is worse than doubling.',
    ['linear', 'relu'],
  ),
  residual(
    'relu-linear',
    'Type 2: ReLU, then linear',
    'The reversed order. The branch can add or subtract; a linear layer before the first block keeps ' +
      'negative inputs from being lost.',
    ['relu', 'linear'],
  ),
  residual(
    'practical',
    'Type 3: common practice',
    'Several layers in one branch: ReLU, linear, ReLU, linear.',
    ['relu', 'linear', 'relu', 'linear'],
  ),
  residual(
    'bottleneck',
    'Bottleneck',
    'Three linear layers: down to a quarter of the width, across, and up again.',
    ['relu', { linear: 1 / 4 }, 'relu', { linear: 1 / 4 }, 'relu', 'linear'],
  ),
  residual(
    'relu-after-addition',
    'ReLU after addition',
    'The original without norms: its second ReLU is on the stream, so nothing there is negative.',
    ['linear', 'relu', 'linear'],
    ['relu'],
  ),
  residual(
    'original',
    'Original (He et al. 2015)',
    'Normalised branch, and a ReLU after the sum: the skip connection is not an identity.',
    ['linear', 'batch-norm', 'relu', 'linear', 'batch-norm'],
    ['relu'],
  ),
  residual(
    'bn-after-addition',
    'BN after addition',
    'Batch normalisation and ReLU after the sum: the norm rescales the skip connection at every block.',
    ['linear', 'batch-norm', 'relu', 'linear'],
    ['batch-norm', 'relu'],
  ),
  residual(
    'relu-before-addition',
    'ReLU before addition',
    'The skip is an identity, but the branch ends in a ReLU and can only add.',
    ['linear', 'batch-norm', 'relu', 'linear', 'batch-norm', 'relu'],
  ),
  residual(
    'relu-only-preactivation',
    'ReLU-only pre-activation',
    'ReLU comes first, normalisation after each linear layer.',
    ['relu', 'linear', 'batch-norm', 'relu', 'linear', 'batch-norm'],
  ),
  residual(
    'full-preactivation',
    'Full pre-activation',
    'Normalise, ReLU, linear, twice: the skip is an identity and every linear layer sees a normalised input.',
    ['batch-norm', 'relu', 'linear', 'batch-norm', 'relu', 'linear'],
  ),
]

/** The papers that a preset is from, by its name. */
const SOURCES: Readonly<Record<string, readonly Reference[]>> = {
  'linear-relu': [PAPERS.prince2023],
  'relu-linear': [PAPERS.prince2023],
  practical: [PAPERS.prince2023],
  bottleneck: [PAPERS.he2016deep],
  'relu-after-addition': [PAPERS.he2016deep],
  original: [PAPERS.he2016deep],
  'bn-after-addition': [PAPERS.he2016identity],
  'relu-before-addition': [PAPERS.he2016identity],
  'relu-only-preactivation': [PAPERS.he2016identity],
  'full-preactivation': [PAPERS.he2016identity],
}

/** The papers of a preset, or of its convolutional form, by the name; none of a block of the user’s own. */
export const presetSources = (name: string): readonly Reference[] =>
  SOURCES[name.replace(/-conv(-1d)?$/, '')] ?? []

export const PRESET_NAMES: readonly string[] = PRESETS.map((preset) => preset.name)

/** The preset of that name. @throws InputError naming the nearest preset. */
export function presetNamed(name: string, where = '--block'): BlockGraph {
  return named(PRESETS, name, where, 'block')
}

/**
 * The plain network's block: every sum is replaced by its branch, which is the sum's second input (see graph.ts).
 */
export function withoutSkip(graph: BlockGraph): BlockGraph {
  const replaced = new Map<string, string>()
  const nodes: GraphNode[] = []
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => replaced.get(input) ?? input)
    if (node.op === 'sum') replaced.set(node.id, inputs[1])
    else nodes.push({ ...node, inputs } as GraphNode)
  }
  const output = replaced.get(graph.output) ?? graph.output
  const plain = { ...graph, nodes, output }
  const used = ancestors(plain, output)
  return { ...plain, nodes: nodes.filter((node) => used.has(node.id)) }
}

/** Every ReLU's input less its mean over the batch, per unit. */
export function centred(graph: BlockGraph): BlockGraph {
  const nodes = graph.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== 'relu') return [node]
    const id = `${node.id}-centred`
    return [
      { id, op: 'center', inputs: node.inputs },
      { ...node, inputs: [id] },
    ]
  })
  return { ...graph, nodes }
}
