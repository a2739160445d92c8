import { describe, expect, it } from 'vitest'
import { appearanceOf, blocksOf } from '../../../shared/charts/appearance'
import type { Axis } from '../../../shared/charts/axis'
import { axisRange, coincident, edgeRuns, plot, type Curve } from '../../../shared/charts/curves'
import { presetNamed } from '../../../shared/block/presets'
import { REMEDY_NAMES } from '../../../shared/block/remedies'
import { addedNodes, layoutBlock } from '../../../renderer/base/block-layout'
import { remedyNamed } from '../../../shared/block/remedies'

const axis: Axis = { kind: 'log2', signed: false }
const all = () => true

function curve(id: string, values: number[], theory: number[] | null = null): Curve {
  const summary = { mean: values, median: values, low: values, high: values }
  return {
    id,
    label: id,
    appearance: appearanceOf({ block: 'b', remedy: 'none' }, ['b']),
    summary,
    theory,
    hidden: false,
  }
}

describe('edgeRuns', () => {
  it('joins neighbours and tells kinds apart', () => {
    expect(edgeRuns([1, 0, 0, 2, Infinity, NaN, NaN], axis, all)).toEqual([
      { edge: 'zero', from: 1, to: 2 },
      { edge: 'infinite', from: 4, to: 4 },
      { edge: 'nan', from: 5, to: 6 },
    ])
  })

  it('takes NaN for a result only where something was measured', () => {
    expect(edgeRuns([1, NaN, NaN], axis, (k) => k < 2)).toEqual([{ edge: 'nan', from: 1, to: 1 }])
  })
})

describe('axisRange', () => {
  it('has room for theory before anything is measured', () => {
    const range = axisRange('run', [curve('a', [NaN, NaN], [1, 1024])], [], 'mean', axis, 0)
    expect(range.min).toBeLessThan(0)
    expect(range.max).toBeGreaterThan(10)
  })

  it('fits the selected block, the run, or all runs', () => {
    const curves = [
      curve(
        'a',
        Array.from({ length: 41 }, (_, k) => 2 ** k),
      ),
    ]
    const kept = [{ min: 0, max: 100 }]
    expect(axisRange('block', curves, kept, 'mean', axis, 20).max).toBeLessThan(27)
    expect(axisRange('run', curves, kept, 'mean', axis, 20).max).toBeLessThan(50)
    expect(axisRange('all', curves, kept, 'mean', axis, 20).max).toBeGreaterThan(100)
  })
})

describe('coincident', () => {
  it('groups curves that lie on each other', () => {
    const plotted = [
      curve('a', [1, 2, 4]),
      curve('b', [1, 2.001, 4]),
      curve('c', [1, 1, 1]),
      curve('d', [1, 2, NaN]),
    ].map((one) => plot(one, 'mean', axis, all))
    expect(coincident(plotted, 0.01).map((group) => group.map((one) => one.curve.id))).toEqual([
      ['a', 'b'],
      ['c'],
      ['d'],
    ])
  })
})

describe('appearance', () => {
  it('gives each remedy its own colour and marker, the same for every block', () => {
    const looks = REMEDY_NAMES.map((remedy) => appearanceOf({ block: 'a', remedy }, ['a', 'b']))
    expect(new Set(looks.map(({ colour }) => colour)).size).toBe(REMEDY_NAMES.length)
    expect(new Set(looks.map(({ marker }) => marker)).size).toBe(REMEDY_NAMES.length)
    const other = appearanceOf({ block: 'b', remedy: 'none' }, ['a', 'b'])
    expect(other).toMatchObject({ colour: looks[0].colour, marker: looks[0].marker, filling: 'hollow' })
  })

  it('counts blocks in order of appearance', () => {
    expect(blocksOf([{ block: 'b' }, { block: 'a' }, { block: 'b' }])).toEqual(['b', 'a'])
  })
})

describe('layoutBlock', () => {
  it('puts the skip and what follows the sum in one lane, the branch in the next', () => {
    const { nodes, columns, lanes } = layoutBlock(presetNamed('bn-after-addition'))
    expect(nodes.map(({ node, lane }) => `${node.op} ${lane}`)).toEqual([
      'linear 1',
      'batch-norm 1',
      'relu 1',
      'linear 1',
      'sum 0',
      'batch-norm 0',
      'relu 0',
    ])
    expect([columns, lanes]).toEqual([8, 2])
  })

  it('marks what a remedy added', () => {
    const block = presetNamed('relu-linear')
    const { graph } = remedyNamed('rsqrt2').apply(block, { depth: 20 })
    expect([...addedNodes(block, graph)]).toEqual(['rsqrt2-1'])
  })
})
