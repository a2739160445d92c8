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
} from '../../../shared/editor/actions'
import { END, draftOf, type Draft } from '../../../shared/block/draft'
import { faultsOf, graphOf } from '../../../shared/editor/faults'
import { defaultExperiment } from '../../../shared/settings/table'
import { problemsOf } from '../../../shared/editor/problems'
import { projections } from '../../../shared/editor/projections'
import { checkTogether } from '../../../shared/experiment/experiment'

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
