import { describe, expect, test } from 'vitest'
import type { BlockGraph } from '../../../shared/graph/block-graph'
import { planNetwork } from '../../../shared/network/plan'
import { defaultExperiment } from '../../../shared/settings/table'
import { gradientCorrelation } from '../../../shared/theory/gradient-correlation'
import { normalInput } from '../../../shared/theory/input'
import { theoryOf } from '../../../shared/theory/theory'

const experiment = { ...defaultExperiment(), blocks: 3, width: 8, batch: 40, seed: 1 }
const LAYER = { id: 'w', op: 'linear', inputs: ['input'], units: 1 }
const STRONG = { ...LAYER, gain: 10 }
const drawn = (nodes: { id: string }[]) =>
  ({ name: 'drawn', title: '', description: '', nodes, output: nodes.at(-1)!.id }) as unknown as BlockGraph
const theory = (nodes: { id: string }[], blocks = 3) => {
  const changed = { ...experiment, blocks }
  return theoryOf(
    planNetwork({ graph: drawn(nodes), remedy: 'none' }, changed),
    changed,
    normalInput('none'),
    {
      live: true,
    },
  )
}

describe('a stream that multiplies itself', () => {
  const RUNAWAY =
    'A block multiplies the signal the more, the larger it is already: what finite networks deviate by multiplies ' +
    'too, from a few per cent to factors within a few blocks.'
  const gate = { id: 'gate', op: 'multiply', inputs: ['w', 'input'] }
  const sum = { id: 'sum', op: 'sum', inputs: ['input', 'gate'] }

  test('runs away, and a remark says so in place of how well it was sampled', () => {
    const { q, remark } = theory([LAYER, gate, sum], 4)
    expect(Math.log(q![4]! / q![3]!)).toBeGreaterThan(2 * Math.log(q![1]! / q![0]!))
    expect(remark).toBe(`Sampled with 48 units and 40 samples, no closed form. ${RUNAWAY}`)
  })

  test('not while every block multiplies by the same, however much, and not in one block', () => {
    expect(theory([STRONG]).remark).toBeNull()
    expect(theory([STRONG], 1).remark).toBeNull()
    expect(theory([LAYER, gate, sum], 1).remark ?? '').not.toContain(RUNAWAY)
    const small = { id: 'small', op: 'scale', inputs: ['gate'], factor: 0.1, text: '' }
    const { remark } = theory([LAYER, gate, small, { ...sum, inputs: ['input', 'small'] }])
    expect(remark).toBe(
      'Sampled with 48 units and 40 samples, no closed form: another draw of them typically moves a curve by ' +
        'up to about a tenth, of deep networks or small batches by more.',
    )
  })
})

test('the gradients of two samples: what a scale multiplies, it multiplies for both', () => {
  const relu = { id: 'relu', op: 'relu', inputs: ['input'] }
  const nodes = (factor: number) => [
    relu,
    { ...LAYER, inputs: ['relu'] },
    { id: 'scaled', op: 'scale', inputs: ['w'], factor, text: '' },
    { id: 'sum', op: 'sum', inputs: ['input', 'scaled'] },
  ]
  const of = (factor: number) => {
    const one = { ...experiment, blocks: 1 }
    return gradientCorrelation(
      planNetwork({ graph: drawn(nodes(factor)), remedy: 'none' }, one),
      one,
      normalInput('none'),
    )
  }
  // The skip shares all, the branch half, in proportion 1 to factor².
  for (const factor of [0.5, 1, 3])
    expect(of(factor)).toBeCloseTo((1 + factor ** 2 / 2) / (1 + factor ** 2), 12)
})
