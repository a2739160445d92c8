/** On a backend without graphs the same step runs as written, with the same results. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadBackend } from '../../main/trainer/backend'
import {
  compile,
  createProgram,
  reluGradient,
  sumOfSquares,
  type CompileBackend,
} from '../../main/trainer/compile'
import type { Tf } from '../../main/trainer/compile/native'
import { judgesMutants } from '../mutation/judge'
import { nativeBackend } from './support'

let backend: CompileBackend
let tf: Tf
beforeAll(async () => {
  // A mutant is judged by one thread, where TensorFlow's own backend stands beside the plain one.
  tf = (judgesMutants ? await nativeBackend() : loadBackend({ library: null })).tf
  await tf.setBackend('cpu')
  backend = { tf, loadGraph: null }
})
afterAll(() => (judgesMutants ? tf.setBackend('tensorflow') : undefined))

test('a training step on the plain backend', () => {
  const w = tf.tidy(() =>
    tf.variable(
      tf.tensor2d([
        [1, 2],
        [3, 4],
      ]),
    ),
  )
  const x = tf.tensor2d([[1, -1]])
  const program = createProgram(backend)
  const step = program.define('train', ([a]) => {
    const loss = tf
      .matMul(a as never, w as never)
      .square()
      .sum()
    w.assign(w.mul(0.5))
    return [loss, w, a!]
  })
  const look = program.define('look', () => [w])
  expect(step.mode).toBe('eager')
  const before = tf.memory().numTensors
  const losses = [0, 1, 2].map(() => {
    const outputs = step([x])
    const loss = outputs[0]!.dataSync()[0]
    tf.dispose(outputs)
    return loss
  })
  const [value] = look([])
  expect(losses).toEqual([8, 2, 0.5])
  expect(Array.from(value!.dataSync())).toEqual([0.125, 0.25, 0.375, 0.5])
  value!.dispose()
  expect(tf.memory().numTensors).toBe(before)
  program.dispose()
  expect(() => step([x])).toThrow('step "train" has been disposed')
  tf.dispose([w, x])
})

test('graphs are only for the native backend', () => {
  expect(() => createProgram({ tf, loadGraph: () => 1 })).toThrow(
    'compile: the native TensorFlow backend is not the active one',
  )
})

test('the added operations', () => {
  tf.tidy(() => {
    const x = tf.tensor2d([
      [1, -2],
      [3, 4],
    ])
    expect(Array.from(sumOfSquares(tf, x, [-1]).dataSync())).toEqual([5, 25])
    expect(
      Array.from(
        reluGradient(tf, x, x)
          .dataSync()
          .map((value) => value + 0),
      ),
    ).toEqual([1, 0, 3, 4])
  })
})

test('what a step returns is checked here too', () => {
  const step = compile(backend, (() => 1) as never, 'wrong')
  expect(() => step([])).toThrow('step "wrong" must return an array of tensors')
})
