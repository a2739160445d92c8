import { activationGain } from '../operations/activation-gain'
import {
  branchNodes,
  insertAfter,
  insertAfterAll,
  insertAtStart,
  insertBefore,
  isLayer,
  isNorm,
  lastOf,
  mainSums,
  ownLayers,
  sumsOf,
  withGain,
  withLayers,
  without,
  type Added,
  type SumNode,
} from './branches'
import { named } from '../base/errors'
import { PAPERS } from '../base/papers'
import type { Reference } from '../base/reference'
import { INPUT, ancestors, nodeById, type BlockGraph, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'

/**
 * A remedy is a function from block graph to block graph; `note` says why it left the block as it is, or what it cannot
 * do for it.
 */
export interface Remedy {
  name: string
  title: string
  definition: string
  /** What is done, to follow "with" in a sentence of a paper. */
  method: string
  /** The papers that it is from. */
  sources: readonly Reference[]
  /**
   * Counts the meanings that the name has had; absent: 1. What was kept of an earlier one is not taken for what the
   * name means: checkpoints, comparisons and repetitions say so.
   */
  revision?: number
  /** Whether it stands in for normalisation, which it takes out of the block. */
  withoutNorms?: true
  /** Whether it starts weights and bias of the linear layer to the classes or targets at 0. */
  zeroOutput?: true
  apply(graph: BlockGraph, context: { depth: number }): { graph: BlockGraph; note: string | null }
}

const NO_SUMS = 'This network has no sums, so the remedy leaves it as it is.'
const HAS_NORM = 'The branch already has a normalisation, so the remedy leaves it as it is.'

type Change = (graph: BlockGraph, depth: number) => BlockGraph
/** What a remedy cannot do for a block; null: nothing to say. */
type Caution = (graph: BlockGraph) => string | null

const onSums =
  (change: Change, caution: Caution = () => null): Remedy['apply'] =>
  (graph, { depth }) =>
    sumsOf(graph).length ? { graph: change(graph, depth), note: caution(graph) } : { graph, note: NO_SUMS }

/** Remedies that stand in for normalisation take it out of the block first, of branches and stream. */
const insteadOfNorms = (title: string, change: Change, caution: Caution = () => null): Remedy['apply'] =>
  onSums(
    (graph, depth) => change(without(graph, isNorm), depth),
    (graph) => {
      const out = graph.nodes.some(isNorm) ? `${title} takes the block’s normalisations out.` : null
      return [out, caution(without(graph, isNorm))].filter(Boolean).join(' ') || null
    },
  )

/** One after the other for every sum, each as it is by then. */
function forEachSum(
  graph: BlockGraph,
  change: (graph: BlockGraph, sum: SumNode) => BlockGraph,
  which = sumsOf(graph),
): BlockGraph {
  return which.reduce((current, { id }) => change(current, nodeById(current, id) as SumNode), graph)
}

const endBranches = (graph: BlockGraph, added: Added) =>
  forEachSum(graph, (current, sum) => insertBefore(current, sum.id, 1, 'branch-scale', added))

/** SkipInit's and ReZero's x + α f(x). */
const gated: Change = (graph) => endBranches(graph, { op: 'gain', initial: 0 })

const branchesOf = (graph: BlockGraph) => sumsOf(graph).flatMap((sum) => branchNodes(graph, sum))

/**
 * A norm at the start of each branch (Understanding Deep Learning, fig. 11.6c); of the whole block in a plain network.
 */
function normaliseBranches(graph: BlockGraph, op: 'batch-norm' | 'layer-norm') {
  const sums = sumsOf(graph)
  if (!sums.length) {
    if (graph.nodes.some(isNorm)) return { graph, note: HAS_NORM }
    return { graph: insertAfter(graph, INPUT, 'branch-norm', { op }), note: null }
  }
  const bare = sums.filter((sum) => !branchNodes(graph, sum).some(isNorm))
  if (!bare.length) return { graph, note: HAS_NORM }
  // An operation that is in two branches gets one norm.
  const change = (current: BlockGraph, sum: SumNode) =>
    insertAtStart(current, sum, 'branch-norm', { op }, (node) => !isNorm(node))
  return { graph: forEachSum(graph, change, bare), note: null }
}

// ---- Fixup ----------------------------------------------------------------------------------------------

/**
 * Zhang et al. 2019: in each of the L branches (of m layers) the last layer starts at 0 and the others at L^(-1/(2m-2))
 * times their size; one learned scale ends the branch, one learned shift comes before every layer and activation of the
 * block.
 */
function fixup(graph: BlockGraph, depth: number): BlockGraph {
  const branches = depth * sumsOf(graph).length
  const rescaled = forEachSum(graph, (current, sum) => {
    const layers = ownLayers(current, sum)
    const last = lastOf(current, layers)
    const factor = branches ** (-1 / (2 * layers.length - 2))
    return withLayers(current, layers, (layer) => withGain(layer, last.includes(layer) ? 0 : factor))
  })
  const shifted = graph.nodes
    .filter((node) => isLayer(node) || operationOf(node).kind === 'activation')
    .reduce((current, { id }) => insertBefore(current, id, 0, 'shift', { op: 'shift', initial: 0 }), rescaled)
  return endBranches(shifted, { op: 'gain', initial: 1 })
}

const fixupCaution: Caution = (graph) => {
  const last = sumsOf(graph).flatMap((sum) => lastOf(graph, ownLayers(graph, sum)))
  const relus = branchesOf(graph).filter((node) => node.op === 'relu')
  return last.some((layer) => relus.some((node) => comesAfter(graph, node, layer))) ? STAYS_DEAD : null
}

const STAYS_DEAD =
  'Behind the layer that starts at 0 comes a ReLU, which passes no gradient at 0: the branch stays 0 while training.'

const comesAfter = (graph: BlockGraph, node: GraphNode, before: GraphNode) =>
  ancestors(graph, node.id).has(before.id)

// ---- DeepNorm -------------------------------------------------------------------------------------------

/**
 * Wang et al. 2022: LN(α x + G(x)), α = (2N)^(1/4), the branch's weights times β = (8N)^(-1/4) in an encoder of N
 * layers. Their layer has two sublayers, each a sum, so that of L sums N = L/2: α = L^(1/4) and β = (4L)^(-1/4).
 */
function deepNorm(graph: BlockGraph, depth: number): BlockGraph {
  const sums = depth * sumsOf(graph).length
  const alpha: Added = { op: 'scale', factor: sums ** 0.25, text: `∜${sums}` }
  const normalised = forEachSum(graph, (current, sum) => {
    const scaled = insertBefore(current, sum.id, 0, 'skip-scale', alpha)
    return insertAfterAll(scaled, sum.id, 'stream-norm', { op: 'layer-norm' })
  })
  return withLayers(normalised, branchesOf(graph), (layer) => withGain(layer, (4 * sums) ** -0.25))
}

const deepNormCaution: Caution = (graph) => {
  const inBranches = branchesOf(graph)
  const layers = inBranches.filter(isLayer)
  const isUndone = inBranches.some(
    (node) => isNorm(node) && layers.some((layer) => comesAfter(graph, node, layer)),
  )
  return isUndone ? UNDONE : null
}

const UNDONE = 'The branch’s own normalisation undoes the smaller start of the weights before it.'

// ---- Normaliser-free ------------------------------------------------------------------------------------

/** How much of a branch is added, so that the variance grows by its square: 0.04. */
const NF_ALPHA = 0.2

/**
 * Brock et al. 2021: x + α f(x/β_k), β_k² = 1 + (k-1) α² the variance that x is expected to have, weights standardised
 * so that f keeps variance 1. With several sums in a block each adds its α²; a sum inside a branch starts from variance
 * 1 again.
 */
function normaliserFree(graph: BlockGraph, depth: number): BlockGraph {
  const main = mainSums(graph).map((sum) => sum.id)
  return forEachSum(graph, (current, sum) => {
    const standardised = withLayers(current, branchNodes(current, sum), (layer) => ({
      ...layer,
      standardised: gainBefore(current, layer),
    }))
    const place = main.indexOf(sum.id)
    const started =
      place < 0
        ? standardised
        : insertAtStart(standardised, sum, 'start-scale', expectedScale(place, main.length, depth))
    return insertBefore(started, sum.id, 1, 'branch-scale', { op: 'scale', factor: NF_ALPHA, text: '0.2' })
  })
}

const nfCaution: Caution = (graph) =>
  sumsOf(graph).some((sum) => endsInActivation(graph, sum)) ? NF_ENDS : null

const NF_ENDS =
  'The branch ends in an activation, whose mean no standardised weights take away: means still add up from ' +
  'block to block.'

const endsInActivation = (graph: BlockGraph, { inputs }: SumNode) =>
  inputs[1] !== INPUT && operationOf(nodeById(graph, inputs[1])).kind === 'activation'

/** 1/β for the sum at `place` of each block's `sums`. */
function expectedScale(place: number, sums: number, depth: number): Added {
  const factors = Array.from(
    { length: depth },
    (_, block) => 1 / Math.sqrt(1 + (block * sums + place) * NF_ALPHA ** 2),
  )
  return { op: 'block-scale', factors, text: '1/β' }
}

/** γ of the activation whose values a layer reads; 1 where it reads something else. */
function gainBefore(graph: BlockGraph, layer: GraphNode): number {
  const before = graph.nodes.find((node) => node.id === layer.inputs[0])
  if (before && (before.op === 'identity' || operationOf(before).kind === 'noise'))
    return gainBefore(graph, before)
  return before ? activationGain(before) : 1
}

// ---- LayerScale -----------------------------------------------------------------------------------------

/** Touvron et al. 2021 (arXiv 2103.17239), section 3. */
const layerScaleStart = (depth: number) => (depth <= 18 ? 0.1 : depth <= 24 ? 1e-5 : 1e-6)

// ---- The table ------------------------------------------------------------------------------------------

export const REMEDIES: readonly Remedy[] = [
  {
    name: 'none',
    title: 'none',
    definition: 'The block as it is drawn.',
    method: 'the block as it is',
    sources: [],
    apply: (graph) => ({ graph, note: null }),
  },
  {
    name: 'rsqrt2',
    title: '1/√2',
    definition: 'Multiplies every sum by 1/√2, so that two independent parts of equal size keep their size.',
    method: 'every sum multiplied by 1/√2',
    sources: [PAPERS.prince2023],
    apply: onSums((graph) =>
      forEachSum(graph, (current, sum) =>
        insertAfterAll(current, sum.id, 'rsqrt2', { op: 'scale', factor: Math.SQRT1_2, text: '1/√2' }),
      ),
    ),
  },
  {
    name: 'rsqrt2-skip',
    title: '1/√2 on skip',
    definition:
      'Multiplies the skip of every sum by 1/√2, and not the sum: “multiply every skip connection by 1/√2”, word for ' +
      'word. A branch that keeps the mean square then makes 1/2 + 1 = 1.5 of it at every block; 1/√2 scales the sum.',
    method: 'the skip of every sum multiplied by 1/√2',
    sources: [PAPERS.prince2023],
    apply: onSums((graph) =>
      forEachSum(graph, (current, sum) =>
        insertBefore(current, sum.id, 0, 'skip-scale', { op: 'scale', factor: Math.SQRT1_2, text: '1/√2' }),
      ),
    ),
  },
  {
    name: 'batch-norm',
    title: 'batch norm',
    definition:
      'Batch normalisation at the start of each branch (per unit, over the batch; gamma 1, beta 0, eps 1e-5).',
    method: 'batch normalisation at the start of each branch',
    sources: [PAPERS.ioffe2015],
    apply: (graph) => normaliseBranches(graph, 'batch-norm'),
  },
  {
    name: 'layer-norm',
    title: 'layer norm',
    definition:
      'Layer normalisation at the start of each branch (per sample, over the units; gamma 1, beta 0, eps 1e-5).',
    method: 'layer normalisation at the start of each branch',
    sources: [PAPERS.ba2016],
    apply: (graph) => normaliseBranches(graph, 'layer-norm'),
  },
  {
    name: 'rsqrt-depth',
    title: '1/√L',
    definition: 'Multiplies each branch by 1/√L, L the number of blocks (stable ResNet, Hayou et al. 2021).',
    method: 'each branch multiplied by 1/√L',
    sources: [PAPERS.hayou2021],
    apply: onSums((graph, depth) =>
      endBranches(graph, { op: 'scale', factor: 1 / Math.sqrt(depth), text: `1/√${depth}` }),
    ),
  },
  {
    name: 'fixup',
    title: 'Fixup',
    definition:
      'Takes the block’s normalisations out; a branch’s last layer starts at 0, the others at L^(-1/(2m-2)) of ' +
      'their size (m layers in the branch, L branches); a learned scale at its end, learned shifts before the ' +
      'block’s layers and activations; the layer to the classes starts at 0, too, so that the untrained loss is ' +
      'ln of their number (Zhang et al. 2019). With one layer in the branch only the 0 applies.',
    method: 'Fixup, without normalisation, the layer to the outputs starting at 0',
    sources: [PAPERS.zhang2019],
    withoutNorms: true,
    revision: 2,
    zeroOutput: true,
    apply: insteadOfNorms('Fixup', fixup, fixupCaution),
  },
  {
    name: 'skipinit',
    title: 'SkipInit',
    definition:
      'Takes the block’s normalisations out and multiplies each branch by a learned scalar that starts at 0 ' +
      '(De and Smith 2020).',
    method:
      'SkipInit, blocks without normalisation whose branches are multiplied by a learned scalar that starts at 0',
    sources: [PAPERS.de2020],
    withoutNorms: true,
    revision: 2,
    apply: insteadOfNorms('SkipInit', gated),
  },
  {
    name: 'rezero',
    title: 'ReZero',
    definition:
      'Takes the block’s normalisations out and multiplies each branch by a learned scalar that starts at 0 ' +
      '(Bachlechner et al. 2020): the same function as SkipInit, so that the curves coincide.',
    method:
      'ReZero, blocks without normalisation whose branches are multiplied by a learned scalar that starts at 0',
    sources: [PAPERS.bachlechner2020],
    withoutNorms: true,
    revision: 2,
    apply: insteadOfNorms('ReZero', gated),
  },
  {
    name: 'layerscale',
    title: 'LayerScale',
    definition:
      'Multiplies each unit of each branch by a learned number that starts at 0.1 (up to 18 blocks), 1e-5 ' +
      '(up to 24) or 1e-6 (deeper; Touvron et al. 2021).',
    method: 'LayerScale, each unit of each branch multiplied by a learned number',
    sources: [PAPERS.touvron2021],
    apply: onSums((graph, depth) => endBranches(graph, { op: 'diagonal', initial: layerScaleStart(depth) })),
  },
  {
    name: 'deepnorm',
    title: 'DeepNorm',
    definition:
      'Layer normalisation after each sum, of α x + branch: α = L^(1/4), and the branch’s weights start ' +
      'at β = (4L)^(-1/4) of their size, for L sums (Wang et al. 2022, whose N layers have two sums each).',
    method: 'DeepNorm, layer normalisation after each sum of the scaled stream and the branch',
    sources: [PAPERS.wang2022],
    revision: 2,
    apply: onSums(deepNorm, deepNormCaution),
  },
  {
    name: 'nf',
    title: 'NF',
    definition:
      'Normaliser-free: x + 0.2 f(x/β), β² = 1 + 0.04 (k-1) the mean square that block k expects, counted anew ' +
      'behind a block that changes the shape; f without normalisations, with standardised weights that keep the ' +
      'branch’s variance at 1 (Brock et al. 2021).',
    method: 'normaliser-free branches, added with a factor of 0.2 and with standardised weights',
    sources: [PAPERS.brock2021],
    withoutNorms: true,
    revision: 2,
    apply: insteadOfNorms('NF', normaliserFree, nfCaution),
  },
]

export const REMEDY_NAMES: readonly string[] = REMEDIES.map((remedy) => remedy.name)

/** The meaning of each remedy, by its name; those that have had one only are left out, and names that none has. */
export function remedyRevisions(names: readonly string[]): Record<string, number> {
  const changed = REMEDIES.filter(({ name, revision }) => names.includes(name) && revision !== undefined)
  return Object.fromEntries(changed.map(({ name, revision }) => [name, revision!]))
}

/** Titles of the remedies that meant something else, of a list as `remedyRevisions` gave it at the time. */
export const changedRemedies = (names: readonly string[], then: Readonly<Record<string, number>>): string[] =>
  REMEDIES.filter(({ name, revision = 1 }) => names.includes(name) && (then[name] ?? 1) !== revision).map(
    ({ title }) => title,
  )

/** Whether networks of a block with its remedy start the layer to the classes or targets at 0. */
export const startsOutputAtZero = ({ graph, remedy }: { graph: BlockGraph; remedy: string }): boolean =>
  remedyNamed(remedy).zeroOutput === true && sumsOf(graph).length > 0

/** The remedy of that name. @throws InputError naming the nearest remedy. */
export function remedyNamed(name: string, where = '--remedies'): Remedy {
  return named(REMEDIES, name, where, 'remedy')
}
