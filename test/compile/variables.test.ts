/**
 * Steps that read and assign variables: training steps with optimisers, several steps over one set of weights, reading
 * and restoring them.
 */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compile, createProgram, type CompileBackend, type Step } from '../../main/trainer/compile'
import type { Tensor, Tf, Variable } from '../../main/trainer/compile/native'
import { everyNth, judgesMutants } from '../mutation/judge'
import { nativeBackend, sample } from './support'

let backend: CompileBackend
let tf: Tf
beforeAll(async () => {
  backend = await nativeBackend()
  tf = backend.tf
})
afterEach(() => {
  tf.disposeVariables()
})

const numbers = (tensor: Tensor): number[] => Array.from(tensor.dataSync())
const take = ([tensor]: Tensor[]): number[] => {
  const values = numbers(tensor!)
  tensor!.dispose()
  return values
}

/** Two layers with bias, as variables. */
function weights(): Variable[] {
  const shapes = [[5, 6], [6], [6, 3], [3]]
  return shapes.map((shape, i) => tf.tidy(() => tf.variable(sample(tf, shape, 'float32', 10 + i).mul(0.3))))
}

function lossOf([w1, b1, w2, b2]: Variable[], x: Tensor, y: Tensor): Tensor {
  const hidden = tf.relu(tf.matMul(x as never, w1 as never).add(b1!))
  return tf
    .matMul(hidden as never, w2 as never)
    .add(b2!)
    .sub(y)
    .square()
    .mean()
}

type Update = (variables: Variable[], gradients: Tensor[], rate: Tensor) => void
const sgd: Update = (variables, gradients, rate) =>
  variables.forEach((v, i) => v.assign(v.sub(gradients[i]!.mul(rate))))

function momentum(): Update {
  let slots: Variable[] | null = null
  return (variables, gradients, rate) => {
    slots ??= variables.map((v) => tf.variable(tf.zerosLike(v)))
    variables.forEach((v, i) => {
      const slot = slots![i]!
      slot.assign(slot.mul(0.9).add(gradients[i]!))
      v.assign(v.sub(slot.mul(rate)))
    })
  }
}

function adam(): Update {
  let slots: { m: Variable; v: Variable }[] | null = null
  let time: Variable | null = null
  return (variables, gradients, rate) => {
    slots ??= variables.map((v) => ({ m: tf.variable(tf.zerosLike(v)), v: tf.variable(tf.zerosLike(v)) }))
    time ??= tf.variable(tf.scalar(0))
    time.assign(time.add(1))
    const correction = tf.sqrt(tf.sub(1, tf.pow(0.999, time))).div(tf.sub(1, tf.pow(0.9, time)))
    variables.forEach((variable, i) => {
      const { m, v } = slots![i]!
      const gradient = gradients[i]!
      m.assign(m.mul(0.9).add(gradient.mul(0.1)))
      v.assign(v.mul(0.999).add(gradient.square().mul(0.001)))
      variable.assign(variable.sub(m.mul(rate).mul(correction).div(v.sqrt().add(1e-8))))
    })
  }
}

function trainer(variables: Variable[], update: Update): Step {
  return ([x, y, rate]) => {
    const { value, grads } = tf.variableGrads(() => lossOf(variables, x!, y!) as never, variables)
    update(
      variables,
      variables.map((v) => grads[v.name]!),
      rate!,
    )
    return [value]
  }
}

/**
 * Single matrix products take another kernel in the graph than eagerly (see record.ts): the same up to the last bit.
 */
function expectSame(actual: number[], expected: number[]): void {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5))
}

/** One of tfjs's, with its types loosened: they tell tensors apart by rank. */
interface Optimizer {
  minimize(loss: () => unknown, returnCost: boolean, variables: Variable[]): Tensor | null
}
const loosely = (optimizer: unknown): Optimizer => optimizer as Optimizer

describe('optimisers', () => {
  const updates: Record<string, () => Update> = {
    'plain SGD': () => sgd,
    'momentum by hand': momentum,
    'Adam by hand': adam,
  }
  const built: Record<string, () => Optimizer> = {
    'tf.train.sgd': () => loosely(tf.train.sgd(0.05)),
    'tf.train.momentum': () => loosely(tf.train.momentum(0.05, 0.9)),
    'tf.train.adam': () => loosely(tf.train.adam(0.05)),
    'tf.train.rmsprop': () => loosely(tf.train.rmsprop(0.05, 0.9, 0.5)),
  }
  const steps: Record<string, (variables: Variable[]) => Step> = {}
  for (const [name, make] of Object.entries(updates)) steps[name] = (variables) => trainer(variables, make())
  for (const [name, make] of Object.entries(built)) {
    steps[name] = (variables) => {
      const optimizer = make()
      return ([x, y]) => [optimizer.minimize(() => lossOf(variables, x!, y!), true, variables)!]
    }
  }

  const count = judgesMutants ? 4 : 20
  for (const [name, make] of everyNth(2, Object.entries(steps))) {
    test(`${name}: twenty steps traced are twenty steps eager`, () => {
      const ours = weights()
      const theirs = weights()
      const traced = compile(backend, make(ours), name)
      const eager = make(theirs)
      for (let i = 0; i < count; i++) {
        const inputs = [
          sample(tf, [8, 5], 'float32', i),
          sample(tf, [8, 3], 'float32', 100 + i),
          tf.scalar(0.05),
        ]
        expectSame(take(traced(inputs)), take(tf.tidy(() => eager(inputs))))
        tf.dispose(inputs)
      }
      ours.forEach((v, i) => expectSame(numbers(v), numbers(theirs[i]!)))
      // Optimisers make their slots at the first step, which therefore is recorded again.
      expect(traced.traces).toBeLessThanOrEqual(2)
      traced.dispose()
    })
  }
})

describe('variables', () => {
  const counter = () => tf.tidy(() => tf.variable(tf.scalar(0)))

  test('are true wherever they are looked at, at any time', () => {
    const v = counter()
    const step = compile(backend, ([x]) => (v.assign(v.add(x!)), []), 'count')
    const one = tf.scalar(1)
    for (let i = 1; i <= 5; i++) {
      step([one])
      if (i % 2 === 1) expect(numbers(v)).toEqual([i])
    }
    step.dispose()
    expect(numbers(v)).toEqual([5])
    one.dispose()
  })

  test('take what is assigned to them from outside', () => {
    const v = counter()
    const w = counter()
    const step = compile(backend, ([x]) => (v.assign(v.add(x!)), w.assign(w.add(v)), [w]), 'count')
    const one = tf.scalar(1)
    for (let i = 0; i < 3; i++) take(step([one]))
    expect(numbers(w)).toEqual([6])
    tf.tidy(() => v.assign(tf.scalar(100)))
    expect(take(step([one]))).toEqual([107])
    expect(numbers(v)).toEqual([101])
    step.dispose()
    one.dispose()
  })

  test('keep their value in a clone when they move on', () => {
    const v = counter()
    const step = compile(backend, ([x]) => (v.assign(v.add(x!)), []), 'count')
    const one = tf.scalar(1)
    const clones = [0, 1, 2, 3].map(() => (step([one]), v.clone()))
    step([one])
    expect(clones.map((clone) => numbers(clone)[0])).toEqual([1, 2, 3, 4])
    expect(numbers(v)).toEqual([5])
    step.dispose()
    tf.dispose([one, clones])
  })

  test('that were made from one tensor stay apart, also from that tensor', () => {
    const start = tf.scalar(1)
    const a = tf.variable(start)
    const b = tf.variable(start)
    const step = compile(backend, () => (a.assign(a.mul(2)), [a.add(b).add(start)]), 'double')
    expect([0, 1, 2].map(() => take(step([]))[0])).toEqual([4, 6, 10])
    expect(numbers(b)).toEqual([1])
    step.dispose()
    start.dispose()
  })

  test('keep their value in a clone when only one of several has one', () => {
    const [v, w] = [counter(), counter()]
    const one = tf.scalar(1)
    const step = compile(backend, ([x]) => (v.assign(v.add(x!)), w.assign(w.sub(x!)), []), 'count')
    for (let i = 0; i < 3; i++) step([one])
    const clone = v.clone()
    for (let i = 0; i < 2; i++) step([one])
    expect([clone, v, w].map((tensor) => numbers(tensor)[0])).toEqual([3, 5, -5])
    step.dispose()
    tf.dispose([one, clone])
  })

  test('of one step may be disposed: the other steps of the program go on', () => {
    const [v, w] = [counter(), counter()]
    const one = tf.scalar(1)
    const program = createProgram(backend)
    const first = program.define('first', ([x]) => (v.assign(v.add(x!)), [v]))
    const second = program.define('second', ([x]) => (w.assign(w.add(x!)), [w]))
    for (let i = 0; i < 3; i++) tf.dispose([first([one]), second([one])])
    w.dispose()
    expect([take(first([one])), take(first([one]))]).toEqual([[4], [5]])
    expect(() => second([one])).toThrow(
      `step "second" uses the variable "${w.name}", which has been disposed`,
    )
    program.dispose()
    expect(numbers(v)).toEqual([5])
    one.dispose()
  })

  test('of one step may be disposed, and others assigned after that', () => {
    const [v, w] = [counter(), counter()]
    const one = tf.scalar(1)
    const program = createProgram(backend)
    const first = program.define('first', ([x]) => (v.assign(v.add(x!)), [v]))
    const second = program.define('second', ([x]) => (w.assign(w.add(x!)), [w]))
    for (let i = 0; i < 3; i++) tf.dispose([first([one]), second([one])])
    w.dispose()
    tf.tidy(() => v.assign(tf.scalar(10)))
    expect([take(first([one])), take(first([one]))]).toEqual([[11], [12]])
    program.dispose()
    one.dispose()
  })

  test('that a step disposes without using them are no matter', () => {
    const v = tf.variable(tf.scalar(1))
    const one = tf.scalar(1)
    const step = compile(backend, ([x]) => (v.dispose(), [x!.add(1)]), 'tidy up')
    expect([take(step([one])), take(step([one]))]).toEqual([[2], [2]])
    step.dispose()
    one.dispose()
  })

  test('stay apart from the tensor that they were made from', () => {
    const start = tf.scalar(1)
    const a = tf.variable(start)
    const step = compile(backend, () => (a.assign(a.mul(2)), [a.add(start)]), 'double')
    expect([0, 1, 2].map(() => take(step([]))[0])).toEqual([3, 5, 9])
    expect(step.traces).toBe(1)
    step.dispose()
    start.dispose()
  })

  test('that were made from one tensor stay apart in a step that only reads them', () => {
    const start = tf.scalar(1)
    const [a, b] = [tf.variable(start), tf.variable(start)]
    start.dispose()
    const step = compile(backend, () => [a.mul(10).add(b)], 'read')
    expect([0, 1].map(() => take(step([]))[0])).toEqual([11, 11])
    tf.tidy(() => a.assign(tf.scalar(2)))
    expect(take(step([]))).toEqual([21])
    expect(step.traces).toBe(1)
    step.dispose()
  })

  test('may swap values', () => {
    const a = tf.tidy(() => tf.variable(tf.scalar(1)))
    const b = tf.tidy(() => tf.variable(tf.scalar(2)))
    const swap: Step = () => {
      const kept = a.clone()
      a.assign(b)
      b.assign(kept)
      return []
    }
    const step = compile(backend, swap)
    for (let i = 0; i < 5; i++) step([])
    expect([numbers(a), numbers(b)]).toEqual([[2], [1]])
    step.dispose()
  })

  test('can be returned, before and after they are assigned', () => {
    const v = counter()
    const step = compile(backend, () => {
      const before = v.clone()
      v.assign(v.add(1))
      return [before, v]
    })
    const seen = [0, 1, 2].map(() => step([]).map((tensor) => take([tensor])[0]))
    expect(seen).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ])
    step.dispose()
  })

  test('are shared by the steps of a program, and by programs', () => {
    const v = counter()
    const one = tf.scalar(1)
    const program = createProgram(backend)
    const add = program.define('add', ([x]) => (v.assign(v.add(x!)), []))
    const look = program.define('look', () => [v.mul(10)])
    const other = compile(backend, () => (v.assign(v.mul(2)), []), 'double')
    const seen: number[] = []
    for (let i = 0; i < 4; i++) {
      add([one])
      seen.push(take(look([]))[0]!)
      other([])
    }
    expect(seen).toEqual([10, 30, 70, 150])
    program.dispose()
    other.dispose()
    expect(numbers(v)).toEqual([30])
    one.dispose()
  })

  test('the same inputs twice are two inputs', () => {
    const step = compile(backend, ([a, b]) => [a!.sub(b!)], 'difference')
    const x = tf.scalar(5)
    const y = tf.scalar(2)
    expect([take(step([x, x])), take(step([x, y])), take(step([y, x]))]).toEqual([[0], [3], [-3]])
    step.dispose()
    tf.dispose([x, y])
  })

  test('a step inside a step is part of it', () => {
    const v = counter()
    const program = createProgram(backend)
    const inner = program.define('inner', ([x]) => (v.assign(v.add(x!)), [v.square()]))
    const outer = program.define('outer', ([x]) => inner([x!.mul(2)]))
    const one = tf.scalar(1)
    expect([take(outer([one])), take(outer([one])), take(inner([one])), take(outer([one]))]).toEqual([
      [4],
      [16],
      [25],
      [49],
    ])
    // Called inside of another it is recorded there; only the call from outside made a record of its own.
    expect([inner.traces, outer.traces]).toEqual([1, 1])
    program.dispose()
    one.dispose()
  })
})

describe('traces', () => {
  test('of a step inside a step are the outer one’s alone', () => {
    const program = createProgram(backend)
    const inner = program.define('inner', ([x]) => [x!.square()])
    const outer = program.define('outer', ([x]) => inner([x!.mul(2)]))
    const one = tf.scalar(1)
    for (let i = 0; i < 2; i++) expect(take(outer([one]))).toEqual([4])
    expect([inner.traces, outer.traces]).toEqual([0, 1])
    program.dispose()
    one.dispose()
  })

  test('of two inputs are told apart by the shape of each', () => {
    const step = compile(backend, ([a, b]) => [a!.sum(), b!.sum()], 'sums')
    for (const [m, n] of [
      [1, 12],
      [11, 2],
      [1, 12],
      [11, 2],
    ]) {
      const given = [tf.ones([m!]), tf.ones([n!])]
      const sums = step(given)
      expect(sums.map((sum) => numbers(sum)[0])).toEqual([m, n])
      tf.dispose([given, sums])
    }
    expect(step.traces).toBe(2)
    step.dispose()
  })

  test('are kept of sixteen shapes, and the one used longest ago goes first', () => {
    const step = compile(backend, ([x]) => [x!.sum()], 'sum')
    const call = (size: number) => {
      const x = tf.ones([size])
      expect(take(step([x]))).toEqual([size])
      x.dispose()
    }
    for (let size = 1; size <= 16; size++) call(size)
    for (let size = 1; size <= 16; size++) call(size)
    expect(step.traces).toBe(16)
    call(1)
    call(17)
    call(1)
    expect(step.traces).toBe(17)
    call(2)
    expect(step.traces).toBe(18)
    step.dispose()
  })

  test('keep the values that the step made, whatever becomes of the array they came from', () => {
    const values = new Float32Array([1, 2])
    const step = compile(backend, () => [tf.tensor1d(values).mul(1)], 'make')
    take(step([]))
    values.fill(9)
    expect(take(step([]))).toEqual([1, 2])
    step.dispose()
  })

  test('are kept by shape', () => {
    const step = compile(backend, ([x]) => [x!.mean(0)], 'mean')
    const runs = [4, 7, 4, 7, 4].map((rows) => {
      const x = sample(tf, [rows, 3])
      const same = numbers(tf.tidy(() => x.mean(0))).join() === take(step([x])).join()
      x.dispose()
      return same
    })
    expect(runs).toEqual([true, true, true, true, true])
    expect(step.traces).toBe(2)
    step.dispose()
  })

  test('of shapes not seen for long are dropped', () => {
    const step = compile(backend, ([x]) => [x!.sum()], 'sum')
    for (let round = 0; round < 2; round++) {
      for (let size = 1; size <= 20; size++) {
        const x = tf.ones([size])
        expect(take(step([x]))).toEqual([size])
        x.dispose()
      }
    }
    expect(step.traces).toBe(40)
    step.dispose()
  })

  test('small tensors from outside are constants until they are disposed', () => {
    let factor = tf.scalar(3)
    const step = compile(backend, ([x]) => [x!.mul(factor)], 'scale')
    const x = tf.scalar(2)
    expect([take(step([x])), take(step([x]))]).toEqual([[6], [6]])
    factor.dispose()
    factor = tf.scalar(4)
    expect([take(step([x])), take(step([x]))]).toEqual([[8], [8]])
    expect(step.traces).toBe(2)
    step.dispose()
    tf.dispose([x, factor])
  })

  test("an optimiser's learning rate can be changed", () => {
    const v = tf.tidy(() => tf.variable(tf.scalar(1)))
    const optimizer = tf.train.sgd(0.5)
    const step = compile(
      backend,
      ([x]) => [loosely(optimizer).minimize(() => v.mul(x!), true, [v])!],
      'descend',
    )
    const one = tf.scalar(1)
    for (let i = 0; i < 2; i++) take(step([one]))
    expect(numbers(v)).toEqual([0])
    optimizer.setLearningRate(2)
    for (let i = 0; i < 2; i++) take(step([one]))
    expect(numbers(v)).toEqual([-4])
    step.dispose()
    one.dispose()
  })
})
