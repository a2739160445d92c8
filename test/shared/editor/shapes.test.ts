import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { disconnect, setField } from '../../../shared/editor/actions'
import { draftOf } from '../../../shared/block/draft'
import { edgeShapes } from '../../../shared/editor/shapes'
import { placeOf, shapeText } from '../../../shared/numerics/shape'

const preset = (name: string) => draftOf(presetNamed(name))
const type2 = preset('relu-linear')

describe('shapes on the edges', () => {
  test('go as far as they can be told', () => {
    const draft = setField(disconnect(type2, 'sum', 0), 'linear-1', 'units', 0.25)
    expect(
      [...edgeShapes(draft, placeOf(100))].map(([id, shape]) => `${id} ${shape && shapeText(shape)}`),
    ).toEqual(['input 100', 'relu-1 100', 'linear-1 25', 'sum null'])
  })
})
