import { streamShape } from '../../network/plan'
import { positions, shapeText } from '../../numerics/shape'
import { operationOf } from '../../operations'
import { replaceOperation } from '../actions'
import { labelOf } from '../../block/draft'
import { fieldMends } from '../problems'
import { shapesAt, type Structure } from '../structure'
import { kindOf, removing, type Context, type Settings, type Warning } from './warning'

/** Shapes are checked at a reference; a network has its own width and positions. */
export function inNetwork(experiment: Settings, { byId, order, cycles }: Structure) {
  const place = { input: streamShape(experiment), width: experiment.width }
  return shapesAt(byId, order, cycles, place, shapeText)
}

/** Operations that a block file may hold and this network has no shape for. */
export function unfit({ draft, structure: { byId, misfits }, here }: Context): Warning[] {
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

/** Windows over a single position. */
export function withoutPositions({ draft, experiment, nodes }: Context): Warning[] {
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

/** Statistics of a single value. */
export function smallBatch({ draft, experiment, nodes }: Context): Warning[] {
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
