import type { Experiment } from '../settings/experiment'
import { INPUT, type GraphNode } from '../graph/block-graph'
import { operationOf } from '../operations'
import { streamShape } from '../network/plan'
import { positions, sameShape, shapeText } from '../numerics/shape'
import { depthOf } from '../settings/network'
import { addNode, connect, removeNodes, replaceOperation, setField, wrapInSkip } from './actions'
import { END, labelOf, type Draft } from '../block/draft'
import { faultsOf } from './faults'
import { estimatedGrowth } from './growth'
import { fieldMends, type Mend } from './problems'
import { shapesAt, structureOf, type Slot, type Structure } from './structure'

/** What a block does that its maker may not expect, and why. */
export interface Warning {
  kind: WarningKind
  /** The node it is about; '' for the whole block. */
  node: string
  text: string
  /** The best first; none where it is the experiment that should change. */
  mends: Mend[]
}

export type WarningKind =
  /** It does not fit the experiment's shapes, so it cannot be measured with these settings. */
  | 'unfit'
  | 'no-positions'
  | 'adds-only'
  | 'no-linear'
  | 'no-sum'
  | 'dies'
  | 'explodes'
  | 'batch-of-one'
  | 'repeated-activation'
  | 'repeated-linear'
  | 'norm-before-sum'
  | 'on-the-skip'

type Settings = Pick<Experiment, 'blocks' | 'width' | 'input' | 'batch' | 'init' | 'gain' | 'network'>

/** What can be learned from the block as it is drawn, in the experiment's network. */
export function warningsOf(draft: Draft, experiment: Settings): Warning[] {
  const structure = structureOf(draft)
  if (structure.cycles.length || !structure.used.has(INPUT)) return []
  const nodes = structure.order.flatMap(usedNode(structure))
  const context = { draft, experiment, structure, nodes, here: inNetwork(experiment, structure) }
  const warnings = [
    ...unfit(context),
    ...withoutPositions(context),
    ...addsOnly(context),
    ...withoutLinear(context),
    ...withoutSum(context),
    ...scales(context),
    ...smallBatch(context),
    ...repetitions(context),
    ...normBeforeSum(context),
    ...onTheSkip(context),
  ]
  return warnings.map((warning) => ({
    ...warning,
    mends: warning.mends.filter(({ apply }) => apply(draft) !== draft),
  }))
}

interface Context {
  draft: Draft
  experiment: Settings
  structure: Structure
  /** Those that the output depends on, in order. */
  nodes: GraphNode[]
  /** What fits in the experiment's network, and in which shape. */
  here: ReturnType<typeof shapesAt>
}

const usedNode =
  ({ byId, used }: Structure) =>
  (id: string) =>
    used.has(id) ? [byId.get(id)!] : []

const kindOf = (node: GraphNode) => operationOf(node).kind
const isJoin = (node: GraphNode | undefined) => node !== undefined && node.inputs.length > 1

/** Taking a node out, where a block is left. */
function removing(draft: Draft, id: string, label = `Remove the ${labelOf(draft, id)}`): Mend[] {
  const isGood = !faultsOf(removeNodes(draft, [id])).length || faultsOf(draft).length > 0
  return isGood ? [{ label, apply: (d) => removeNodes(d, [id]) }] : []
}

/** Shapes are checked at a reference; a network has its own width and positions. */
function inNetwork(experiment: Settings, { byId, order, cycles }: Structure) {
  const place = { input: streamShape(experiment), width: experiment.width }
  return shapesAt(byId, order, cycles, place, shapeText)
}

function unfit({ draft, structure: { byId, misfits }, here }: Context): Warning[] {
  return [...here.misfits].flatMap(([id, { problem, hint }]) => {
    if (misfits.has(id)) return []
    const node = byId.get(id)!
    const inputs = node.inputs.map((input) => here.shapes.get(input)!)
    return [
      {
        kind: 'unfit',
        node: id,
        text: `In this network ${problem}. ${hint}`,
        mends: [...(inputs.length === 1 ? fieldMends(draft, node, inputs[0]) : []), ...removing(draft, id)],
      },
    ]
  })
}

function withoutPositions({ draft, experiment, nodes }: Context): Warning[] {
  if (positions(streamShape(experiment)) > 1) return []
  return nodes.flatMap((node): Warning[] => {
    if (!operationOf(node).fields.some(({ key }) => key === 'kernel')) return []
    const isConvolution = kindOf(node) === 'linear'
    return [
      {
        kind: 'no-positions',
        node: node.id,
        text:
          `The ${labelOf(draft, node.id)} slides over positions, and with this input there is only one: ` +
          'choose a sequence or images as the input.',
        mends: isConvolution
          ? [
              {
                label: `Make the ${labelOf(draft, node.id)} a linear layer`,
                apply: (d) => replaceOperation(d, node.id, 'linear'),
              },
            ]
          : removing(draft, node.id),
      },
    ]
  })
}

/** Goes back through what keeps the sign of values. */
function signSource({ structure: { byId } }: Pick<Context, 'structure'>, id: string): GraphNode | undefined {
  for (let node = byId.get(id); node; node = byId.get(node.inputs[0])) {
    const keeps =
      node.op === 'identity' ||
      ['noise', 'pool'].includes(kindOf(node)) ||
      (node.op === 'scale' && node.factor > 0)
    if (!keeps) return node
  }
  return undefined
}

/** Where a warning is, and the sum whose branch could do without it. */
type Finder = (
  context: Pick<Context, 'draft' | 'structure' | 'nodes'>,
) => { node: GraphNode; sum: GraphNode }[]

const endsInRelu: Finder = (context) =>
  context.nodes.flatMap((sum) => {
    const node = sum.op === 'sum' ? signSource(context, sum.inputs[1]) : undefined
    return node?.op === 'relu' ? [{ node, sum }] : []
  })

const addsOnly = (context: Context): Warning[] =>
  endsInRelu(context).map(({ node, sum }) => ({
    kind: 'adds-only',
    node: node.id,
    text:
      'The branch ends in a ReLU, so it can only add to the stream: means pile up, and the mean square ' +
      'grows faster than it doubles.',
    mends: [
      {
        label: 'Put a linear layer after it',
        apply: (d) => addNode(d, 'linear', { onEdge: { to: sum.id, slot: 1 } }),
      },
      ...movingToStart(context.draft, node.id, sum.id, endsInRelu),
    ],
  }))

function withoutLinear({ nodes, draft }: Context): Warning[] {
  if (!nodes.length || nodes.some((node) => kindOf(node) === 'linear')) return []
  const sum = nodes.find((node) => node.op === 'sum')
  const onEdge: Slot = sum ? { to: sum.id, slot: 1 } : { to: END, slot: 0 }
  const isConnected = sum ? sum.inputs[1] !== '' : draft.output !== ''
  return [
    {
      kind: 'no-linear',
      node: '',
      text: 'The block has no linear layer: no unit sees another one, and there is next to nothing to learn.',
      mends: isConnected
        ? [
            {
              label: sum ? 'Put a linear layer at the branch’s end' : 'Put a linear layer at the end',
              apply: (d) => addNode(d, 'linear', { onEdge }),
            },
          ]
        : [],
    },
  ]
}

function withoutSum({ nodes, structure: { used } }: Context): Warning[] {
  if (!nodes.length || nodes.some((node) => node.op === 'sum')) return []
  const isWhole = nodes.every(({ inputs }) => inputs.every((input) => input !== ''))
  return [
    {
      kind: 'no-sum',
      node: '',
      text:
        'The block has no sum: without a skip connection it is a plain network, and gradients go through ' +
        'every layer of it.',
      mends: isWhole
        ? [
            {
              label: 'Add a skip connection',
              apply: (d) =>
                wrapInSkip(
                  d,
                  [...used].filter((id) => id !== INPUT),
                ),
            },
          ]
        : [],
    },
  ]
}

/** The signal counts as dead where less than this share of the input's mean square is left at the end. */
const DEAD = 1e-6

function scales({ draft, experiment, nodes, here }: Context): Warning[] {
  const scaled = nodes.filter((node): node is Extract<GraphNode, { op: 'scale' }> => node.op === 'scale')
  if (!scaled.length) return []
  const depth = experiment.network ? depthOf(experiment.network) : experiment.blocks
  const { last, overflow } = estimatedGrowth(nodes, draft.output, depth, experiment, here.shapes)
  const set = (node: GraphNode, factor: number, text: string): Mend => ({
    label: `Set the ${labelOf(draft, node.id)} to ${text}`,
    apply: (d) => setField(setField(d, node.id, 'factor', factor), node.id, 'text', text),
  })
  const smallest = scaled.reduce((a, b) => (Math.abs(a.factor) <= Math.abs(b.factor) ? a : b))
  const largest = scaled.reduce((a, b) => (Math.abs(a.factor) >= Math.abs(b.factor) ? a : b))
  const name = (node: GraphNode) => labelOf(draft, node.id)
  if (last < DEAD && Math.abs(smallest.factor) < 1) {
    return [
      {
        kind: 'dies',
        node: smallest.id,
        text:
          `The signal dies: with the ${name(smallest)} the mean square falls to about ` +
          `${last.toExponential(0)} of its size after ${depth} blocks, and gradients with it.`,
        mends: [set(smallest, 1, '1'), ...removing(draft, smallest.id)],
      },
    ]
  }
  if (overflow !== null && Math.abs(largest.factor) > 1) {
    return [
      {
        kind: 'explodes',
        node: largest.id,
        text:
          `The signal explodes: with the ${name(largest)} the mean square leaves the range of float32 at ` +
          `about block ${overflow}.`,
        mends: [set(largest, 1 / Math.sqrt(depth), `1/√${depth}`), ...removing(draft, largest.id)],
      },
    ]
  }
  const zero = scaled.find(({ factor }) => factor === 0)
  if (!zero) return []
  return [
    {
      kind: 'dies',
      node: zero.id,
      text: 'A constant factor of 0 stops signal and gradient: what leads here has no effect and learns nothing.',
      mends: [
        set(zero, 1 / Math.sqrt(depth), `1/√${depth}`),
        {
          label: 'Make it a learned scale that starts at 0',
          apply: (d) => replaceOperation(d, zero.id, 'gain'),
        },
      ],
    },
  ]
}

function smallBatch({ draft, experiment, nodes }: Context): Warning[] {
  if (experiment.batch > 1 || positions(streamShape(experiment)) > 1) return []
  return nodes.flatMap((node): Warning[] => {
    if (node.op !== 'batch-norm' && node.op !== 'center') return []
    return [
      {
        kind: 'batch-of-one',
        node: node.id,
        text:
          `In a batch of one, each value is its own mean: the ${labelOf(draft, node.id)} makes 0 of ` +
          'everything. Use more samples, or a norm over the units.',
        mends: [
          { label: 'Make it a layer norm', apply: (d) => replaceOperation(d, node.id, 'layer-norm') },
          ...removing(draft, node.id),
        ],
      },
    ]
  })
}

function repetitions({ draft, structure: { byId, users, shapes }, nodes }: Context): Warning[] {
  return nodes.flatMap((node): Warning[] => {
    const before = byId.get(node.inputs[0])
    if (!before || isJoin(node)) return []
    const names = [labelOf(draft, before.id), labelOf(draft, node.id)]
    if (kindOf(node) === 'activation' && kindOf(before) === 'activation') {
      const isIdle = node.op === 'relu' && before.op === 'relu'
      return [
        {
          kind: 'repeated-activation',
          node: node.id,
          text: isIdle
            ? 'A ReLU right after a ReLU changes nothing: there are no negative values left.'
            : `The ${names[1]} comes right after the ${names[0]}: two activations without a linear layer ` +
              'between them do the work of one.',
          mends: [
            ...removing(draft, node.id),
            {
              label: 'Put a linear layer between them',
              apply: (d) => addNode(d, 'linear', { onEdge: { to: node.id, slot: 0 } }),
            },
          ],
        },
      ]
    }
    const isOnlyReader = users.get(before.id)!.length === 1
    if (node.op !== 'linear' || before.op !== 'linear' || !isOnlyReader) return []
    // A narrow layer between two others is a choice: fewer parameters, lower rank.
    const [from, middle, to] = [before.inputs[0], before.id, node.id].map((id) => shapes.get(id)?.units ?? 0)
    if (middle < Math.min(from, to)) return []
    return [
      {
        kind: 'repeated-linear',
        node: node.id,
        text: `The ${names[0]} and the ${names[1]} follow each other: together they are no more than one linear layer.`,
        mends: [
          {
            label: 'Put a ReLU between them',
            apply: (d) => addNode(d, 'relu', { onEdge: { to: node.id, slot: 0 } }),
          },
          ...removing(draft, node.id),
        ],
      },
    ]
  })
}

const endsInNorm: Finder = ({ structure: { byId }, nodes }) =>
  nodes.flatMap((sum) => {
    const node = sum.op === 'sum' ? byId.get(sum.inputs[1]) : undefined
    return node && kindOf(node) === 'norm' && node.op !== 'center' ? [{ node, sum }] : []
  })

const normBeforeSum = (context: Context): Warning[] =>
  endsInNorm(context).map(({ node, sum }) => ({
    kind: 'norm-before-sum',
    node: node.id,
    text:
      'A norm right before the sum gives every branch the same size, whatever its layers have done: the ' +
      'stream grows by the same amount in each block, not by the same factor.',
    mends: [
      ...movingToStart(context.draft, node.id, sum.id, endsInNorm),
      ...removing(context.draft, node.id),
    ],
  }))

/** What operations on the way that the skip connections take do to it. */
const ON_THE_SKIP: Partial<Record<string, string>> = {
  activation:
    'so the skip connection is not an identity: what it cuts off is lost to all blocks after it, and so ' +
    'are its gradients.',
  norm:
    'so the skip connection is not an identity: every block changes the size of all that came before, and ' +
    'of its gradients.',
  noise:
    'so the stream itself is lost at random, and all that came before with it; noise belongs on the branch.',
  linear:
    'so the skip connection is not an identity: gradients are multiplied by its weights in every block, as ' +
    'in a plain network.',
}

const onSkip: Finder = (context) => {
  const sum = context.nodes.find((node) => node.op === 'sum')
  if (!sum) return []
  return skipPath(context).flatMap((node) => {
    const [from, to] = [node.inputs[0], node.id].map((id) => context.structure.shapes.get(id))
    // A projection has to be there.
    return ON_THE_SKIP[kindOf(node)] && from && to && sameShape(from, to) ? [{ node, sum }] : []
  })
}

const onTheSkip = (context: Context): Warning[] =>
  onSkip(context).map(({ node, sum }) => {
    const label = labelOf(context.draft, node.id)
    return {
      kind: 'on-the-skip',
      node: node.id,
      text: `The ${label} stands on the way from block to block, ${ON_THE_SKIP[kindOf(node)]}`,
      mends: [
        ...(kindOf(node) === 'linear' ? [] : movingToStart(context.draft, node.id, sum.id, onSkip)),
        ...removing(context.draft, node.id, `Take the ${label} off the skip`),
      ],
    }
  })

/** From the output back along skip connections. */
function skipPath({ draft, structure: { byId } }: Pick<Context, 'draft' | 'structure'>): GraphNode[] {
  const path: GraphNode[] = []
  for (let node = byId.get(draft.output); node; node = byId.get(node.inputs[0])) {
    if (!isJoin(node)) path.push(node)
  }
  return path
}

/** The move, where it takes the warning away. */
function movingToStart(draft: Draft, id: string, sum: string, find: Finder): Mend[] {
  const moved = toBranchStart(draft, id, sum)
  const structure = structureOf(moved)
  const nodes = structure.order.flatMap(usedNode(structure))
  if (moved === draft || find({ draft: moved, structure, nodes }).some(({ node }) => node.id === id))
    return []
  return [
    {
      label: `Move the ${labelOf(draft, id)} to the branch’s start`,
      apply: (d) => toBranchStart(d, id, sum),
    },
  ]
}

/** Takes a node out and puts it first on a sum's branch, fields and place included. */
function toBranchStart(draft: Draft, id: string, sumId: string): Draft {
  const node = structureOf(draft).byId.get(id)
  const next = removeNodes(draft, [id])
  const { byId, used } = structureOf(next)
  const sum = byId.get(sumId)
  if (!node || !sum || !used.has(sumId)) return draft
  let slot: Slot = { to: sumId, slot: 1 }
  const skip = new Set<string>()
  for (let at: string = sum.inputs[0]; byId.has(at) && !skip.has(at); at = byId.get(at)!.inputs[0])
    skip.add(at)
  for (let from = sum.inputs[1] ?? ''; byId.has(from) && !skip.has(from); from = byId.get(from)!.inputs[0]) {
    if (isJoin(byId.get(from))) break
    slot = { to: from, slot: 0 }
  }
  // Nothing is left on the branch that it could stand before.
  if (slot.to === sumId) return draft
  const source = byId.get(slot.to)!.inputs[0]
  const at = next.nodes.findIndex((other) => other.id === source)
  const moved = { ...node, inputs: [source] } as GraphNode
  const layout = Object.hasOwn(draft.layout, id) ? { ...next.layout, [id]: draft.layout[id] } : next.layout
  const nodes = [...next.nodes.slice(0, at + 1), moved, ...next.nodes.slice(at + 1)]
  return connect({ ...next, nodes, layout }, id, slot.to, slot.slot)
}
