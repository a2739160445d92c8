/** Traced equals eager, for every operation the product uses and a few that it might. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram, reluGradient, sumOfSquares, type CompileBackend } from '../../main/trainer/compile'
import type { Tf } from '../../main/trainer/compile/native'
import { judgesMutants } from '../mutation/judge'
import { cases, inputsOf } from './operation-cases'
import { distance, nativeBackend, sample } from './support'

/** These reach every branch of the compiler; the others go the way of one of them, by another operation. */
const JUDGES = [
  'add',
  'logic',
  'cast',
  'expand and squeeze',
  'stack',
  'topk',
  'leaky relu',
  'sum',
  'zeros and ones',
  'a constant of many values',
  'a seeded random constant',
  'gather along an axis',
  'sumOfSquares',
  'reluGradient',
  'matMul',
  'batched matMul',
  'matMul of a batch of one',
  'conv2d',
  'gradient of batch norm',
]
const judging = Object.entries(cases).filter(([name]) => !judgesMutants || JUDGES.includes(name))

// `units`: where TensorFlow's graph optimiser rearranges terms (it fuses gelu, for one), and in single matrix products,
// the last bit may differ; everywhere else the bits are the same.
describe('traced equals eager', () => {
  let backend: CompileBackend
  let tf: Tf
  /** None, but where one thread runs every file: others leave their inputs behind. */
  let before: number
  beforeAll(async () => {
    backend = await nativeBackend()
    tf = backend.tf
    before = judgesMutants ? tf.memory().numTensors : 0
  })
  afterAll(() => expect(tf.memory().numTensors).toBe(before))

  for (const [name, one] of judging) {
    test(name, () => {
      const { step, units = 0 } = one
      const program = createProgram(backend)
      const traced = program.define(name, (given) => step(tf, given))
      const worst = [1, 2, 3].map((seed) => {
        const given = inputsOf(tf, one, seed)
        const eager = tf.tidy(() => step(tf, given))
        const graph = traced(given)
        expect(graph.length).toBe(eager.length)
        const apart = Math.max(...graph.map((tensor, index) => distance(tensor, eager[index]!)))
        tf.dispose([given, eager, graph])
        return apart
      })
      expect(traced.traces).toBe(1)
      program.dispose()
      expect(Math.max(...worst), 'units of float32 precision').toBeLessThanOrEqual(units)
    })
  }

  test('the added operations are what they stand for', () => {
    tf.tidy(() => {
      const x = sample(tf, [3, 4, 5])
      const dy = sample(tf, [3, 4, 5], 'float32', 2)
      expect(distance(sumOfSquares(tf, x, [-2, -1]), x.square().sum([-2, -1]))).toBeLessThan(3)
      expect(distance(reluGradient(tf, dy, x), dy.mul(x.greater(0).cast('float32')))).toBe(0)
    })
  })
})
