import { describe, expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { addNode, removeNodes, setField, shift } from '../../../shared/editor/actions'
import { draftOf, type Draft } from '../../../shared/block/draft'
import { graphOf } from '../../../shared/editor/faults'
import { warningsOf } from '../../../shared/editor/warnings'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'

const preset = (name: string) => draftOf(presetNamed(name))
const type2 = preset('relu-linear')
const operations = (draft: Draft) =>
  graphOf(draft)
    ?.nodes.map(({ op }) => op)
    .join(' ')

describe('warnings', () => {
  const kinds = (draft: Draft, change: Partial<Experiment> = {}) =>
    warningsOf(draft, { ...defaultExperiment(), ...change }).map(({ kind, node }) => `${kind} ${node}`.trim())
  const mended = (draft: Draft, i = 0, change: Partial<Experiment> = {}) =>
    operations(warningsOf(draft, { ...defaultExperiment(), ...change })[0].mends[i].apply(draft))

  test('presets that are as they should be have none', () => {
    for (const name of ['relu-linear', 'practical', 'bottleneck', 'full-preactivation'])
      expect(kinds(preset(name)), name).toEqual([])
  })

  test('those of He et al. teach what is wrong with them', () => {
    expect(kinds(preset('linear-relu'))).toEqual(['adds-only relu-1'])
    // By the numbers: a norm in the branch lets it add the same in each block.
    const text = (name: string) => warningsOf(preset(name), defaultExperiment())[0].text
    expect(text('linear-relu')).toContain('the mean square more than doubles in each block.')
    expect(text('relu-before-addition')).toContain('means pile up, and their squares add to the mean square.')
    expect(kinds(preset('original'))).toEqual(['norm-before-sum batch-norm-2', 'on-the-skip relu-2'])
    expect(kinds(preset('bn-after-addition'))).toEqual(['on-the-skip relu-2', 'on-the-skip batch-norm-2'])
    expect(kinds(preset('relu-before-addition'))).toEqual(['adds-only relu-2'])
  })

  test('a branch that only adds gets its linear layer, or its ReLU goes first', () => {
    expect(mended(preset('linear-relu'))).toBe('linear relu linear sum')
    expect(mended(preset('linear-relu'), 1)).toBe('relu linear sum')
  })

  test('no linear layer, no sum', () => {
    expect(kinds(removeNodes(type2, ['linear-1']))).toEqual(['adds-only relu-1', 'no-linear'])
    expect(kinds(removeNodes(type2, ['sum']))).toEqual(['no-sum'])
    expect(mended(removeNodes(type2, ['sum']))).toBe('relu linear sum')
  })

  test('constants that let the signal die, or explode', () => {
    const scaled = (factor: number) =>
      setField(addNode(type2, 'scale', { after: 'sum' }), 'scale-1', 'factor', factor)
    expect(kinds(scaled(0.3))).toEqual(['dies scale-1'])
    expect(kinds(scaled(Math.SQRT1_2))).toEqual([])
    expect(kinds(scaled(Math.SQRT1_2), { blocks: 1000 })).toEqual([])
    expect(kinds(scaled(0.6), { blocks: 1000 })).toEqual(['dies scale-1'])
    expect(kinds(scaled(2))).toEqual([])
    expect(kinds(scaled(2), { blocks: 50 })).toEqual(['explodes scale-1'])
    const none = setField(addNode(type2, 'scale', { after: 'linear-1' }), 'scale-1', 'factor', 0)
    expect(kinds(none)).toEqual(['dies scale-1'])
    expect(mended(none, 1)).toBe('relu linear gain sum')
  })

  test('a batch of one under batch norm', () => {
    const draft = preset('full-preactivation')
    expect(kinds(draft, { batch: 1 })).toEqual(['batch-of-one batch-norm-1', 'batch-of-one batch-norm-2'])
    expect(mended(draft, 0, { batch: 1 })).toBe('layer-norm relu linear batch-norm relu linear sum')
    expect(kinds(draft, { batch: 1, input: 'images' })).toEqual([])
  })

  test('activations and layers in a row', () => {
    expect(kinds(addNode(type2, 'relu', { after: 'relu-1' }))).toEqual(['repeated-activation relu-2'])
    expect(kinds(addNode(type2, 'linear', { after: 'linear-1' }))).toEqual(['repeated-linear linear-2'])
    // Narrow in between: another function, on purpose.
    const narrow = setField(addNode(type2, 'linear', { after: 'relu-1' }), 'linear-2', 'units', 0.25)
    expect(kinds(narrow)).toEqual([])
  })

  test('convolutions and pools without positions', () => {
    const draft = addNode(type2, 'conv-1d', { after: 'relu-1' })
    expect(kinds(draft)).toEqual(['no-positions conv-1d-1'])
    expect(kinds(draft, { input: 'sequence' })).toEqual([])
    expect(mended(draft)).toBe('relu linear linear sum')
  })

  test('what does not fit this network’s width', () => {
    const draft = setField(addNode(type2, 'group-norm', { after: 'relu-1' }), 'group-norm-1', 'groups', 8)
    const [warning] = warningsOf(draft, { ...defaultExperiment(), width: 100 })
    expect(warning).toMatchObject({ kind: 'unfit', node: 'group-norm-1' })
    expect(warning.text).toMatch(/^In this network 8 groups do not divide 100 units\./)
    expect(warning.mends[0].apply(draft).nodes).toContainEqual(expect.objectContaining({ groups: 10 }))
    expect(kinds(draft, { width: 96 })).toEqual([])
  })

  test('noise, norms and activations on the skip', () => {
    const draft = addNode(type2, 'dropout', { onEdge: { to: 'sum', slot: 0 } })
    expect(kinds(draft)).toEqual(['on-the-skip dropout-1'])
    expect(mended(draft)).toBe('dropout relu linear sum')
    expect(operations(shift(type2, 'linear-1', 1))).toBe('relu sum linear')
    expect(kinds(shift(type2, 'linear-1', 1))).toContain('on-the-skip linear-1')
  })
})
