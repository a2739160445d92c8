import { describe, expect, test } from 'vitest'
import { parseBlockGraph } from '../../../shared/block/file'
import { PRESETS, presetNamed } from '../../../shared/block/presets'
import {
  addNode,
  connect,
  disconnect,
  removeNodes,
  setField,
  setOutput,
  shift,
} from '../../../shared/editor/actions'
import { END, draftOf, type Draft } from '../../../shared/block/draft'
import { faultsOf, graphOf } from '../../../shared/editor/faults'
import { flatRows, blockOutline } from '../../../shared/editor/outline'
import { problemsOf } from '../../../shared/editor/problems'
import { projections } from '../../../shared/editor/projections'
import { edgeShapes } from '../../../shared/editor/shapes'
import { warningsOf } from '../../../shared/editor/warnings'
import { checkTogether } from '../../../shared/experiment/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import type { Experiment } from '../../../shared/settings/experiment'
import { INPUT } from '../../../shared/graph/block-graph'
import { placeOf, shapeText } from '../../../shared/numerics/shape'

const preset = (name: string) => draftOf(presetNamed(name))
const type2 = preset('relu-linear')
const one = (draft: Draft) => {
  const problems = problemsOf(draft)
  expect(problems).toHaveLength(1)
  return problems[0]
}
const operations = (draft: Draft) =>
  graphOf(draft)
    ?.nodes.map(({ op }) => op)
    .join(' ')

describe('problems', () => {
  test('presets have none', () => {
    for (const block of PRESETS) expect(problemsOf(draftOf(block))).toEqual([])
  })

  test('a circle, and the wire that closes it', () => {
    const [problem, ...others] = problemsOf(connect(preset('practical'), 'linear-2', 'linear-1', 0))
    expect(problem).toMatchObject({ kind: 'cycle', nodes: ['linear-1', 'relu-2', 'linear-2'] })
    expect(others.map(({ kind, node }) => `${kind} ${node}`)).toEqual(['unused relu-1'])
    expect(problem.text).toBe(
      'These depend on each other in a circle: linear 1, ReLU 2, linear 2. A block is computed from its ' +
        'input to its output.',
    )
  })

  test('a missing input names its side and what could be connected', () => {
    const draft = disconnect(type2, 'sum', 1)
    const problems = problemsOf(draft)
    expect(problems.map(({ kind, node }) => `${kind} ${node}`)).toEqual([
      'missing-input sum',
      'unused linear-1',
    ])
    expect(problems[0].text).toBe('Nothing is connected to the sum’s second input (the branch).')
    expect(problems[0].mends[0].label).toBe('Connect the linear')
    expect(problems[0].mends[0].apply(draft)).toEqual(type2)
  })

  test('a width that does not fit gets a projection, by a layer or by option A', () => {
    const draft = setField(type2, 'linear-1', 'units', 0.25)
    const problem = one(draft)
    expect(problem.text).toBe(
      'The sum joins 1 N and 0.25 N. End the branch in a linear layer (or a 1 × 1 convolution) with units 1.',
    )
    expect(problem.mends.map(({ label }) => label)).toEqual([
      'Put “linear” (linear) at the end of the branch',
      'Put “skip” (shortcut) at the end of the branch',
      'Put “lin N/4” (linear) at the end of the skip connection',
      'Remove the sum',
    ])
    expect(operations(problem.mends[0].apply(draft))).toBe('relu linear linear sum')
    expect(operations(problem.mends[1].apply(draft))).toBe('relu linear shortcut sum')
  })

  test('positions that do not fit, too', () => {
    const shape = (rows: number, units: number) => ({ units, rows, columns: rows })
    const found = projections(shape(64, 1024), shape(32, 2048))
    expect(found.map(({ op }) => op)).toEqual(['conv-2d'])
    expect(found[0]).toMatchObject({ units: 2, kernel: 1, stride: 2, padding: 0 })
    expect(projections(shape(64, 512), shape(32, 1024)).map(({ op }) => op)).toEqual(['conv-2d', 'shortcut'])
    expect(projections(shape(64, 1024), shape(32, 1024)).map(({ op }) => op)).toContain('average-pool')
    expect(projections(shape(32, 1024), shape(64, 1024))).toEqual([])
  })

  test('the block ends as wide as it starts', () => {
    const draft = addNode(type2, 'linear', { onEdge: { to: END, slot: 0 } })
    const problem = one(setField(draft, 'linear-2', 'units', 2))
    expect(problem).toMatchObject({ kind: 'shape', node: END })
    expect(problem.text).toContain('The block turns 1 N into 2 N.')
    expect(problem.mends.map(({ label }) => label)).toContain('Remove the linear 2')
  })

  test('an empty block is started', () => {
    const empty = removeNodes(removeNodes(type2, ['relu-1', 'linear-1']), ['sum'])
    expect(one(empty)).toMatchObject({ kind: 'no-output', text: 'The block is empty.' })
    expect(operations(one(empty).mends[0].apply(empty))).toBe('relu linear sum')
  })

  test('no way from the input to the output', () => {
    const draft = disconnect(setOutput(type2, 'linear-1'), 'relu-1', 0)
    expect(problemsOf(draft).map(({ kind }) => kind)).toEqual(['missing-input', 'no-path', 'unused'])
  })

  test('what leads nowhere goes, with all that leads only there', () => {
    const draft = setOutput(preset('practical'), 'linear-1')
    const problem = one(draft)
    expect(problem).toMatchObject({ kind: 'unused', node: 'sum' })
    expect(operations(problem.mends[0].apply(draft))).toBe('relu linear')
  })

  test('a field that does not fit is set to the nearest that does', () => {
    const pooled = addNode(type2, 'max-pool', { after: 'relu-1' })
    const draft = setField(setField(pooled, 'max-pool-1', 'kernel', 3), 'max-pool-1', 'padding', 3)
    const [mend] = one(draft).mends
    expect(mend.label).toMatch(/^Set (kernel|padding) of the max pooling to [24]$/)
    expect(faultsOf(mend.apply(draft)).filter(({ node }) => node === 'max-pool-1')).toEqual([])
  })

  test('groups that fit only some widths are a matter of the network', () => {
    const grouped = addNode(type2, 'group-norm', { after: 'relu-1' })
    const draft = setField(grouped, 'group-norm-1', 'groups', 10)
    const graph = graphOf(draft)!
    expect(parseBlockGraph(graph, 'block')).toEqual(graph)
    const at = (width: number) => () => checkTogether({ ...defaultExperiment(), block: [graph], width }, '')
    expect(at(100)).not.toThrow()
    expect(at(96)).toThrow(/10 groups do not divide 96 units. Use 8 groups./)
  })
})

describe('shapes on the edges', () => {
  test('go as far as they can be told', () => {
    const draft = setField(disconnect(type2, 'sum', 0), 'linear-1', 'units', 0.25)
    expect(
      [...edgeShapes(draft, placeOf(100))].map(([id, shape]) => `${id} ${shape && shapeText(shape)}`),
    ).toEqual(['input 100', 'relu-1 100', 'linear-1 25', 'sum null'])
  })
})

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
