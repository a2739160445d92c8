/** The graph that a step becomes, node by node, and how often TensorFlow is asked for anything. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  compile,
  createProgram,
  reluGradient,
  sumOfSquares,
  type CompileBackend,
  type Step,
} from '../../main/trainer/compile'
import { nativeBackend as internals, type Tensor, type Tf } from '../../main/trainer/compile/native'
import { nativeBackend } from './support'
import { attributes, constant, line, watch } from './watched'

let backend: CompileBackend
let tf: Tf
beforeAll(async () => {
  backend = await nativeBackend()
  tf = backend.tf
})
afterEach(() => tf.disposeVariables())

/** The nodes of a step's graph, those of its variables left out. */
function nodesOf(step: Step, ...shapes: number[][]) {
  const { graphs } = watch(backend, () => {
    const compiled = compile(backend, step)
    const inputs = shapes.map((shape) => tf.ones(shape))
    for (let i = 0; i < 2; i++) tf.dispose(compiled(inputs))
    compiled.dispose()
    tf.dispose(inputs)
  })
  return graphs[0]!.filter(({ name }) => name.startsWith('t0/'))
}
const operationsOf = (step: Step, ...shapes: number[][]) =>
  nodesOf(step, ...shapes).filter(({ name, op }) => name.startsWith('t0/n') && op !== 'Identity')
const variable = (...values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)))

describe('a graph holds', () => {
  test('a step’s inputs, reads, operations, writes and outputs, each write after the read', () => {
    const w = variable(1, 2)
    const looked = variable(1, 2)
    const x = tf.tensor1d([1, 1])
    const { graphs } = watch(backend, () => {
      const step = compile(backend, ([a]) => {
        // What nobody needs is not in the graph.
        a!.square()
        w.assign(w.sub(a!.mul(2)))
        return [w.mul(2).add(looked)]
      })
      for (let i = 0; i < 3; i++) tf.dispose(step([x]))
      step.dispose()
    })
    x.dispose()
    expect(graphs).toHaveLength(1)
    expect(graphs[0]!.map(line)).toEqual([
      'v0 = VarHandleOp()',
      'v0/feed = Placeholder()',
      'v0/set = AssignVariableOp(v0, v0/feed)',
      'v0/get = ReadVariableOp(v0)',
      'v1 = VarHandleOp()',
      'v1/feed = Placeholder()',
      'v1/set = AssignVariableOp(v1, v1/feed)',
      'v1/get = ReadVariableOp(v1)',
      'all/set = Const(^v0/set, ^v1/set)',
      't0/in0 = Placeholder()',
      't0/read0 = ReadVariableOp(v0)',
      't0/read1 = ReadVariableOp(v1)',
      't0/n1 = Const()',
      't0/n2 = Mul(t0/in0:0, t0/n1:0)',
      't0/n3 = Sub(t0/read0:0, t0/n2:0)',
      't0/n4 = Mul(t0/n3:0, t0/n1:0)',
      't0/n5 = Add(t0/n4:0, t0/read1:0)',
      't0/n6 = Identity(t0/n5:0)',
      't0/write0 = AssignVariableOp(v0, t0/n3:0, ^t0/read0)',
      't0/done = Const(^t0/write0)',
      't0/out0 = Identity(t0/n6:0, ^t0/done)',
    ])
    // The session's own container, so that variables of two programs never meet.
    expect(attributes(graphs[0]![0]!)).toEqual({ dtype: 1, shape: [2], shared_name: 'v0', container: false })
  })

  test('a write without a read waits for nothing', () => {
    const w = variable(1)
    const nodes = nodesOf(([x]) => (w.assign(x!.square() as never), []), [1])
    expect(nodes.map(line)).toEqual([
      't0/in0 = Placeholder()',
      't0/n0 = Square(t0/in0:0)',
      't0/write0 = AssignVariableOp(v0, t0/n0:0)',
      't0/done = Const(^t0/write0)',
    ])
  })

  test('all steps of a program, each under a number of its own', () => {
    const x = tf.ones([1])
    const { graphs } = watch(backend, () => {
      const program = createProgram(backend)
      const steps = [
        program.define('one', ([a]) => [a!.square()]),
        program.define('two', ([a]) => [a!.exp()]),
      ]
      for (let i = 0; i < 2; i++) for (const step of steps) tf.dispose(step([x]))
      program.dispose()
    })
    x.dispose()
    expect(
      graphs
        .at(-1)!
        .filter(({ op }) => op === 'Square' || op === 'Exp')
        .map(line),
    ).toEqual(['t0/n0 = Square(t0/in0:0)', 't1/n0 = Exp(t1/in0:0)'])
  })

  test('one value for a constant that is filled with it, and the bytes of any other', () => {
    const bools = (values: boolean[]) => tf.tensor1d(values, 'bool')
    const made: [() => Tensor, unknown][] = [
      [() => tf.ones([3, 2]), 1],
      [() => tf.tensor1d([1.5, 1.5, 1.5]), 1.5],
      [() => tf.tensor1d([7, 7, 7], 'int32'), 7],
      [() => bools([true, true]), true],
      [() => bools([false, false, false]), false],
      [() => tf.tensor1d([1, 2]), '0000803f00000040'],
      [() => tf.tensor1d([7, 8], 'int32'), '0700000008000000'],
      [() => bools([true, false]), '0100'],
      [() => bools([true, false, true, false]), '01000100'],
      [() => tf.scalar(2), '00000040'],
      [() => tf.scalar(2, 'int32'), '02000000'],
      [() => tf.scalar(true), '01'],
      [() => tf.tensor1d([3]), '00004040'],
    ]
    for (const [make, expected] of made) {
      const [node] = operationsOf(() => [make()])
      expect(node!.op).toBe('Const')
      expect(constant(node!)).toBe(expected)
    }
  })

  test('equal small constants once, large ones each', () => {
    const values = (count: number) => tf.tensor1d(Array.from({ length: count }, (_, i) => i))
    const constants = (step: Step) => operationsOf(step).filter(({ op }) => op === 'Const').length
    expect(constants(() => [tf.add(values(64), values(64))])).toBe(1)
    expect(constants(() => [tf.add(values(65), values(65))])).toBe(2)
    // The same bytes in another type or shape are another constant.
    expect(constants(() => [tf.scalar(0), tf.scalar(0, 'int32'), tf.zeros([1]), tf.zeros([2])])).toBe(4)
  })

  test('a single matrix product as one, reshaped only where it stands in a batch of one', () => {
    const product: Step = ([a, b]) => [tf.matMul(a!, b!)]
    expect(operationsOf(product, [2, 3], [3, 2]).map(line)).toEqual(['t0/n0 = MatMul(t0/in0:0, t0/in1:0)'])
    expect(operationsOf(product, [1, 2, 3], [3, 2]).map(line)).toEqual([
      't0/n0 = Const()',
      't0/n1 = Reshape(t0/in0:0, t0/n0:0)',
      't0/n2 = MatMul(t0/n1:0, t0/in1:0)',
      't0/n3 = Const()',
      't0/n4 = Reshape(t0/n2:0, t0/n3:0)',
    ])
    const reshapes = operationsOf(product, [1, 2, 3], [3, 2]).filter(({ op }) => op === 'Reshape')
    expect(reshapes.map(attributes)).toEqual([
      { T: 1, Tshape: 3 },
      { T: 1, Tshape: 3 },
    ])
    expect(operationsOf(product, [2, 2, 3], [2, 3, 2]).map(({ op }) => op)).toEqual(['BatchMatMulV2'])
  })

  test('the added operations as TensorFlow’s own', () => {
    const [relu] = operationsOf(([dy, x]) => [reluGradient(tf, dy!, x!)], [2], [2])
    expect(relu!.op).toBe('ReluGrad')
    const norm = operationsOf(([x]) => [sumOfSquares(tf, x!, [-1])], [2, 3]).find(({ op }) => op !== 'Const')!
    expect(line(norm)).toMatch(/EuclideanNorm/)
    expect(attributes(norm)).toEqual({ T: 1, Tidx: 3, keep_dims: false })
  })
})

describe('TensorFlow is asked', () => {
  const run = 't0/in0:0 -> t0/done:0'
  const send = 'v0/feed:0 -> all/set:0'
  const fetch = ' -> v0/get:0'

  test('once for each run of a step; variables are sent and fetched only when somebody changed or looks', () => {
    const w = variable(1)
    const x = tf.tensor1d([1])
    const { runs, graphs, folders } = watch(backend, () => {
      const step = compile(backend, ([a]) => (w.assign(w.add(a!)), []), 'count')
      for (let i = 0; i < 4; i++) expect(step([x])).toEqual([])
      expect(w.dataSync()[0]).toBe(5)
      expect(w.dataSync()[0]).toBe(5)
      step([x])
      tf.tidy(() => w.assign(tf.tensor1d([10])))
      for (let i = 0; i < 2; i++) step([x])
      const clone = w.clone()
      step([x])
      expect([clone.dataSync()[0], w.dataSync()[0]]).toEqual([12, 13])
      clone.dispose()
      step.dispose()
    })
    x.dispose()
    expect(runs).toEqual([
      ...[send, run, run, run, fetch],
      // What an assignment or a step puts away is fetched before, in case that somebody else holds it.
      ...[run, fetch, send, run, run, fetch, run, fetch],
    ])
    expect(graphs).toHaveLength(1)
    expect(folders[0]!.name).toMatch(/^compiled-/)
    expect(folders[0]!.isThere()).toBe(false)
  })

  test('for a variable that is only read once, however often the step runs', () => {
    const w = variable(1)
    const x = tf.tensor1d([1])
    const { runs } = watch(backend, () => {
      const step = compile(backend, ([a]) => [w.add(a!)])
      for (let i = 0; i < 4; i++) tf.dispose(step([x]))
      step.dispose()
    })
    x.dispose()
    const add = 't0/in0:0 -> t0/out0:0'
    expect(runs).toEqual([send, add, add, add])
  })

  test('and nothing of it is left behind', () => {
    const { binding } = internals(tf)
    const counts = () => [tf.memory().numTensors, binding.getNumOfTensors(), binding.getNumOfSavedModels()]
    const before = counts()
    const [v, w] = [variable(1), variable(2)]
    const x = tf.tensor1d([1])
    const program = createProgram(backend)
    const add = program.define('add', ([a]) => (v.assign(v.add(a!)), []))
    const scale = program.define('scale', () => (w.assign(w.mul(2)), [w]))
    for (let i = 0; i < 4; i++) {
      add([x])
      tf.dispose(scale([]))
      if (i === 2) v.dataSync()
    }
    program.dispose()
    tf.dispose([x, v, w])
    expect(counts()).toEqual(before)
  })

  test('for a graph that it refuses: the error names the steps, and its cause', () => {
    const x = tf.ones([1])
    watch(
      backend,
      () => {
        const program = createProgram(backend)
        const steps = [
          program.define('one', ([a]) => [a!.square()]),
          program.define('two', ([a]) => [a!.exp()]),
        ]
        for (const step of steps) tf.dispose(step([x]))
        const error = new Error('TensorFlow refused the graph of step "one", "two": no such kernel', {
          cause: new Error('no such kernel'),
        })
        expect(() => steps[0]!([x])).toThrow(error)
        program.dispose()
      },
      'no such kernel',
    )
    x.dispose()
  })
})
