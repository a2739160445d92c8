/** Steps that XLA compiles: the same values as by TensorFlow's own kernels, and what cannot be compiled is refused. */
import { beforeAll, describe, expect, test } from 'vitest'
import { createProgram, type CompileBackend, type Runner, type Step } from '../../main/trainer/compile'
import type { Tensor, Tf } from '../../main/trainer/compile/native'
import { judgesMutants } from '../mutation/judge'
import { cases, inputsOf } from './operation-cases'
import { distance, nativeBackend } from './support'
import { line, watch } from './watched'

let backend: CompileBackend
let tf: Tf
beforeAll(async () => {
  backend = await nativeBackend()
  tf = backend.tf
})

/** Of float32's precision at the size of the largest value: XLA sums in another order, and fuses multiply and add. */
const UNITS = 16

/** Operations that XLA is not given, by their case; each is refused in these words. */
const REFUSED: Record<string, RegExp> = {
  topk: /uses the operation TopKV2, which is not known well enough to be compiled by XLA/,
  bincount: /uses the operation Bincount, which/,
  'tf.batchNorm': /uses the operation FusedBatchNorm, which/,
}

/** Of all together: a gradient that cancels is as good as the terms that it is the sum of, which the others show. */
const distanceOf = (ones: Tensor[], others: Tensor[]) =>
  tf.tidy(() => {
    const all = (tensors: Tensor[]) => tf.concat(tensors.map((tensor) => tensor.cast('float32').flatten()))
    return distance(all(ones), all(others))
  })

describe('every operation comes out as by TensorFlow’s kernels', () => {
  const judged = Object.entries(cases).filter(([name]) => !judgesMutants || name === 'gradient of batch norm')
  for (const [name, one] of judged) {
    test(name, () => {
      const program = createProgram(backend, 'xla')
      const step = program.define(name, (given) => one.step(tf, given))
      const given = inputsOf(tf, one, 1)
      const run = () => step(given)
      const expected = run()
      try {
        if (REFUSED[name]) return expect(run).toThrow(REFUSED[name])
        const outputs = run()
        expect(outputs.map(({ shape, dtype }) => [shape, dtype])).toEqual(
          expected.map(({ shape, dtype }) => [shape, dtype]),
        )
        const apart = distanceOf(outputs, expected)
        tf.dispose(outputs)
        expect(apart, 'units of float32 precision').toBeLessThanOrEqual(UNITS)
      } finally {
        program.dispose()
        tf.dispose([given, expected])
      }
    })
  }
})

describe('a program', () => {
  /** Weights that learn, by a step that also reads them: the losses of so many steps, and the weights after them. */
  function learned(runner: Runner, steps: number) {
    const weights = tf.tidy(() => tf.variable(tf.randomNormal([8, 8], 0, 0.3, 'float32', 3)))
    const program = createProgram(backend, runner)
    const learn: Step = ([x, rate]) => {
      const { value, grad } = tf.valueAndGrad((w: Tensor) =>
        tf
          .matMul(x as never, w as never)
          .relu()
          .square()
          .mean(),
      )(weights)
      weights.assign(tf.sub(weights, tf.mul(grad, rate!)))
      return [value, x!]
    }
    const step = program.define('learn', learn)
    const x = tf.randomNormal([16, 8], 0, 1, 'float32', 4)
    const losses: number[] = []
    for (let i = 0; i < steps; i++) {
      const rate = tf.scalar(0.1 / (i + 1))
      const outputs = step([x, rate])
      losses.push(outputs[0]!.dataSync()[0]!)
      expect(distance(outputs[1]!, x)).toBe(0)
      tf.dispose([outputs, rate])
    }
    const after = [...weights.dataSync()]
    program.dispose()
    tf.dispose([x, weights])
    return { losses, after }
  }

  test('reads and writes variables outside of what is compiled', () => {
    const [plain, compiled] = [learned('kernels', 6), learned('xla', 6)]
    expect(new Set(compiled.losses).size).toBe(6)
    compiled.losses.forEach((loss, i) => expect(loss).toBeCloseTo(plain.losses[i]!, 6))
    compiled.after.forEach((weight, i) => expect(weight).toBeCloseTo(plain.after[i]!, 6))
  })

  test('calls each recording’s operations as one function', () => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])))
    const x = tf.tensor1d([1, 1])
    const { graphs } = watch(backend, () => {
      const program = createProgram(backend, 'xla')
      const step = program.define('step', ([a]) => {
        w.assign(w.sub(a!) as never)
        return [w.mul(2), a!]
      })
      for (let i = 0; i < 3; i++) tf.dispose(step([x]))
      program.dispose()
    })
    expect([...w.dataSync()]).toEqual([-2, -1])
    tf.dispose([w, x])
    expect(graphs[0]!.map(line).filter((text) => text.startsWith('t0/'))).toEqual([
      't0/in0 = Placeholder()',
      't0/read0 = ReadVariableOp(v0)',
      't0/call = StatefulPartitionedCall(t0/in0, t0/read0)',
      't0/write0 = AssignVariableOp(v0, t0/call:0, ^t0/read0)',
      't0/done = Const(^t0/write0)',
      't0/out0 = Identity(t0/call:1, ^t0/done)',
      't0/out1 = Identity(t0/call:2, ^t0/done)',
    ])
  })

  test('keeps variables as they were where an operation is refused', () => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([3, 1, 2])))
    const program = createProgram(backend, 'xla')
    const step = program.define('sorts', () => {
      w.assign(tf.topk(w.add(1) as never, 3).values as never)
      return [w]
    })
    tf.dispose(step([]))
    expect([...w.dataSync()]).toEqual([4, 3, 2])
    expect(() => step([])).toThrow(REFUSED.topk)
    expect([...w.dataSync()]).toEqual([4, 3, 2])
    program.dispose()
    w.dispose()
  })
})
