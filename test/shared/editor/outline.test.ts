import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { addNode, connect } from '../../../shared/editor/actions'
import { draftOf, type Draft } from '../../../shared/block/draft'
import { flatRows, blockOutline } from '../../../shared/editor/outline'
import { INPUT } from '../../../shared/graph/block-graph'
import { placeOf } from '../../../shared/numerics/shape'

const preset = (name: string) => draftOf(presetNamed(name))
const type2 = preset('relu-linear')

describe('the outline', () => {
  const lines = (draft: Draft) =>
    flatRows(blockOutline(draft, placeOf(100))).map(({ depth, label, shape }) =>
      `${depth} ${label} ${shape}`.trim(),
    )

  test('reads like the block', () => {
    expect(lines(preset('bn-after-addition'))).toEqual([
      '1 input 100',
      '1 sum 100',
      '2 Skip connection: as it is 100',
      '2 Branch 100',
      '3 linear 1 100',
      '3 batch norm 1 100',
      '3 ReLU 1 100',
      '3 linear 2 100',
      '1 batch norm 2 100',
      '1 ReLU 2 100',
      '1 output 100',
    ])
  })

  test('shows shared operations once, and what is loose', () => {
    let draft = addNode(type2, 'sum', { after: 'linear-1' })
    draft = connect(draft, 'relu-1', 'sum-1', 0)
    draft = addNode(draft, 'tanh', {})
    expect(lines(draft)).toEqual([
      '1 input 100',
      '1 sum 2 100',
      '2 Skip connection: as it is 100',
      '2 Branch 100',
      '3 ReLU 100',
      '3 sum 1 100',
      '4 Skip connection: as it is 100',
      '4 Branch 100',
      '5 linear 100',
      '1 output 100',
      '1 Not connected to the output',
      '2 tanh ?',
    ])
    const rows = flatRows(blockOutline(draft, placeOf(100)))
    expect(rows.find(({ id }) => id === 'linear-1')!.actions).toContain('edit')
    expect(rows.find(({ id, kind }) => id === INPUT && kind === 'input')!.actions).toEqual(['add-after'])
  })
})
