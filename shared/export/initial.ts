import { forwardBlock, statisticsOf, type BlockParameters, type BlockTrace } from '../block/interpreter'
import { drawPlan, drawStem } from '../network/float64-network'
import { float64, type Array3 } from '../numerics/float64'
import type { ExportedNetwork, ExportedPart, NetworkArrays } from './network'

/**
 * One network as `signal` measures it: the weights that the trainer draws, and for what is taken over the batch its
 * values over the measured batch, in float64.
 * @param replica counts from 0
 * @param data the data set's batch, [batch, values], where the input is not noise
 */
export function initialArrays(
  { experiment, stem, blocks }: ExportedNetwork,
  replica: number,
  data: ArrayLike<number> | null = null,
): NetworkArrays {
  const known = new Map<string, ReturnType<NetworkArrays>>()
  const keep = (name: string, { shape: [, rows, columns], values }: Array3) =>
    known.set(name, { shape: [rows, columns], values: Float32Array.from(values) })
  const keepPart = (part: ExportedPart, own: BlockParameters<Array3>, trace: BlockTrace<Array3>) => {
    const statistics = statisticsOf(part.planned.graph, trace)
    for (const { id, parameters, statistics: names } of part.nodes) {
      parameters.forEach(({ role }, i) => keep(`${part.name}.${id}.${role}`, own.get(id)![i]))
      names.forEach((name, i) => keep(`${part.name}.${id}.${name}`, statistics.get(id)![i]))
    }
  }
  const first = stem && drawStem(experiment, replica, data)
  if (first) keepPart(stem, first.parameters, first.trace)
  const plan = blocks.map(({ planned }) => planned)
  const drawn = drawPlan(plan, experiment, replica, data)
  blocks.reduce((h, part, k) => {
    const { graph, shapes } = part.planned
    const trace = forwardBlock(float64, graph, drawn.blocks[k], h, undefined, shapes)
    keepPart(part, drawn.blocks[k], trace)
    return trace.output
  }, drawn.input)
  return (name) => known.get(name)!
}
