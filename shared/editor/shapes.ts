import { INPUT } from '../graph/block-graph'
import { shapeText, type BlockPlace, type Shape } from '../numerics/shape'
import type { Draft } from '../block/draft'
import { shapesAt, structureOf } from './structure'

/** The shape of what each node gives on (and `input`) at a place of the network; null where it cannot be told. */
export function edgeShapes(draft: Draft, place: BlockPlace): Map<string, Shape | null> {
  const { byId, order, cycles } = structureOf(draft)
  return shapesAt(byId, order, cycles, place, shapeText).shapes
}

/** "100", "16 × 32 × 32", or "?" */
export const shapeOrUnknown = (shapes: ReadonlyMap<string, Shape | null>, id: string) => {
  const shape = shapes.get(id === '' ? INPUT : id)
  return shape && id !== '' ? shapeText(shape) : '?'
}
