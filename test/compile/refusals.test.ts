/** What cannot be compiled is refused in words, and leaves everything as it was. */
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { compile, Refusal, type CompileBackend, type Step } from '../../main/trainer/compile'
import { nativeBackend as internals, type Tensor, type Tf } from '../../main/trainer/compile/native'
import { judgesMutants } from '../mutation/judge'
import { nativeBackend } from './support'

let backend: CompileBackend
let tf: Tf
let x: Tensor
beforeAll(async () => {
  backend = await nativeBackend()
  tf = backend.tf
  x = tf.tensor1d([1, 2, 3, 4])
})
afterEach(() => tf.disposeVariables())

const refusal = (step: Step, ...inputs: Tensor[]): string => {
  const compiled = compile(backend, step, 'mine')
  const before = tf.memory().numTensors
  try {
    tf.dispose(compiled(inputs))
  } catch (error) {
    expect(error).toBeInstanceOf(Refusal)
    expect(tf.memory().numTensors).toBe(before)
    return (error as Refusal).message
  } finally {
    compiled.dispose()
  }
  throw new Error('was not refused')
}

describe('refused when recorded', () => {
  const reads =
    'step "mine" reads a tensor\'s value (dataSync, data, array or print): return the tensor and read it after the step'

  test.each<[string, Step]>([
    ['dataSync', ([a]) => [a!.mul(a!.dataSync()[0]!)]],
    ['arraySync', ([a]) => [a!.mul(a!.sum().arraySync() as number)]],
    ['data', ([a]) => (void a!.data().catch(() => 0), [a!])],
    ['print', ([a]) => (a!.print(), [a!])],
    ['a value that the step made', ([a]) => [a!.mul(tf.scalar(2).dataSync()[0]!)]],
    [
      'a read whose error is swallowed',
      ([a]) => {
        try {
          a!.dataSync()
        } catch {
          // Nobody sees it here, so the compiler must.
        }
        return [a!.square()]
      },
    ],
  ])('a value read in the middle: %s', (_, step) => expect(refusal(step, x)).toBe(reads))

  const random =
    'step "mine" draws random numbers without a seed: they would be the same at every run; pass them in, or give a seed'
  test.each<[string, Step]>([
    ['randomNormal', ([a]) => [a!.add(tf.randomNormal([4]))]],
    ['randomUniform', ([a]) => [a!.add(tf.randomUniform([4]))]],
    ['truncatedNormal', ([a]) => [a!.add(tf.truncatedNormal([4]))]],
    ['dropout', ([a]) => [tf.dropout(a!, 0.5)]],
    ['Math.random', ([a]) => [a!.mul(Math.random())]],
  ])('unseeded random numbers: %s', (_, step) => expect(refusal(step, x)).toBe(random))

  test('random numbers drawn by TensorFlow', () => {
    const step: Step = ([a]) => [tf.multinomial(a as never, 3, 7)]
    expect(refusal(step, x)).toBe('step "mine" uses the operation Multinomial, which draws random numbers')
  })

  test('a shape that depends on values', () => {
    const step: Step = ([a]) => [tf.unique(a!).values]
    expect(refusal(step, x)).toBe(
      'step "mine" uses the operation UniqueV2, which gives a shape that depends on values',
    )
  })

  test('text', () => {
    const step: Step = ([a]) => [tf.tensor1d(['a', 'b']).reshape([2, 1]), a!]
    expect(refusal(step, x)).toBe(
      'step "mine" uses text (operation Const): a compiled step computes with numbers only',
    )
  })

  test('text that is an input, and text from outside', () => {
    const words = tf.tensor1d(['a', 'b'])
    const saysText = (op: string) =>
      `step "mine" uses text (operation ${op}): a compiled step computes with numbers only`
    expect(refusal(([a]) => [a!.reshape([2, 1])], words)).toBe(saysText('Reshape'))
    expect(refusal(([a]) => [a!.sum(), words.reshape([2, 1])], x)).toBe(saysText('Const'))
    words.dispose()
  })

  test('another graph, and what was made past the recorder', () => {
    const native = internals(tf)
    const { binding } = native
    expect(refusal(() => (native.binding.runSavedModel(0, [], '', ''), []))).toBe(
      'step "mine" uses the operation runSavedModel, which runs another graph',
    )
    const hidden = binding.createTensor([1], binding.TF_FLOAT, new Float32Array(1))
    const type = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }
    expect(refusal(() => (native.binding.executeOp('Square', [type], [hidden], 1), []))).toBe(
      'step "mine" uses the operation Square on a tensor that was made out of the recorder\'s sight',
    )
    binding.deleteTensor(hidden)
  })

  test('a value read behind a gather, which alone may read, and only its indices', () => {
    const at = tf.tensor1d([0, 1], 'int32')
    expect(refusal(([a]) => (tf.gather(a!, at), [a!.mul(a!.dataSync()[0]!)]), x)).toBe(reads)
    at.dispose()
  })

  test('the first of two reasons is told', () => {
    const step: Step = ([a]) => {
      try {
        a!.dataSync()
      } catch {
        // Nobody sees it here, so the compiler must.
      }
      return [a!.add(tf.randomNormal([4]))]
    }
    expect(refusal(step, x)).toBe(reads)
  })

  test('a big tensor from outside, uploaded or not', () => {
    const message =
      'step "mine" uses a tensor from outside, of shape [20000] and 80000 bytes: pass it in as an input ' +
      '(constants may have 65536 bytes)'
    const big = tf.ones([20000])
    expect(refusal(([a]) => [a!.sum().add(big.sum())], x)).toBe(message)
    big.dispose()
    const used = tf.range(0, 20000).mul(1)
    expect(refusal(([a]) => [a!.sum().add(used.sum())], x)).toBe(message)
    used.dispose()
  })

  test('constants of many bytes', () => {
    const values = new Float32Array(17 * 1024 * 1024)
    values[0] = 1
    const step: Step = ([a]) => [a!.sum().add(tf.tensor1d(values).sum())]
    expect(refusal(step, x)).toBe(
      'step "mine" holds constants of 71303172 bytes, more than 67108864: pass them in as inputs',
    )
  })

  test('but not a small tensor from outside, nor a constant of any size that is filled with one value', () => {
    const small = tf.range(0, 16384)
    // Every byte is looked at, for seconds where each look is counted.
    const size = judgesMutants ? 2000 : 20_000_000
    const step = compile(backend, () => [small.max(), tf.ones([size]).sum()], 'mine')
    for (let i = 0; i < 2; i++) {
      const [largest, ones] = step([x])
      expect([largest!.dataSync()[0], ones!.dataSync()[0]]).toEqual([16_383, size])
      tf.dispose([largest!, ones!])
    }
    step.dispose()
    small.dispose()
  })

  test('an array that holds anything but tensors', () => {
    for (const item of [null, undefined, 1, 'text', {}, () => 0])
      expect(refusal((([a]: Tensor[]) => [a, item]) as unknown as Step, x)).toBe(
        'step "mine" must return an array of tensors',
      )
  })

  test('an asynchronous step that fails: its own error is not left unhandled', async () => {
    const unhandled: unknown[] = []
    const hear = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', hear)
    const step = (() => Promise.reject(new Error('later'))) as unknown as Step
    expect(refusal(step)).toBe('step "mine" is asynchronous: a step returns its tensors at once')
    await new Promise((resolve) => setTimeout(resolve, 0))
    process.off('unhandledRejection', hear)
    expect(unhandled).toEqual([])
  })

  test('a step is called by its function’s name where it is given none', () => {
    const message = (step: Step) => {
      const compiled = compile(backend, step)
      try {
        compiled([])
        return null
      } catch (error) {
        return String(error)
      } finally {
        compiled.dispose()
      }
    }
    const descend = (() => 3) as unknown as Step
    expect(message(descend)).toBe('Refusal: step "descend" must return an array of tensors')
    expect(message((() => 3) as unknown as Step)).toBe('Refusal: step "step" must return an array of tensors')
  })

  test('an asynchronous step, and one that returns something else', () => {
    expect(refusal((async () => []) as unknown as Step)).toBe(
      'step "mine" is asynchronous: a step returns its tensors at once',
    )
    expect(refusal((() => 3) as unknown as Step)).toBe('step "mine" must return an array of tensors')
  })

  test('a program made inside a step', () => {
    const step = compile(backend, ([a]) => compile(backend, ([b]) => [b!.square()])([a!]), 'mine')
    expect(() => step([x])).toThrow('compile: programs are made outside of steps')
    step.dispose()
  })

  test('a variable that the step disposes', () => {
    const v = tf.variable(tf.scalar(1), true, 'short')
    const step = compile(backend, ([a]) => [a!.mul(v), (v.dispose(), a!)], 'mine')
    expect(() => step([x])).toThrow('step "mine" uses the variable "short", which has been disposed')
    step.dispose()
  })
})

describe('refused when called', () => {
  const message = (run: () => unknown): string => {
    try {
      run()
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal)
      return (error as Refusal).message
    }
    throw new Error('was not refused')
  }

  test('other kinds of inputs than at first', () => {
    const step = compile(backend, ([a, b]) => [a!.add(b!)], 'mine')
    tf.dispose(step([x, x]))
    tf.tidy(() => {
      expect(message(() => step([x, x.cast('int32')]))).toBe(
        'step "mine" got int32 of rank 1 as input 1, but float32 of rank 1 when it was first called',
      )
      expect(message(() => step([x.reshape([2, 2]), x]))).toBe(
        'step "mine" got float32 of rank 2 as input 0, but float32 of rank 1 when it was first called',
      )
      expect(message(() => step([x]))).toBe('step "mine" got 1 inputs, but 2 when it was first called')
    })
    step.dispose()
  })

  test('a disposed input, a disposed variable, a disposed step', () => {
    const v = tf.variable(tf.scalar(1), true, 'weights')
    const step = compile(backend, ([a]) => [a!.mul(v)], 'mine')
    for (let i = 0; i < 2; i++) tf.dispose(step([x]))
    const gone = x.clone()
    gone.dispose()
    expect(message(() => step([gone]))).toBe('step "mine" got an input that has been disposed (input 0)')
    v.dispose()
    expect(message(() => step([x]))).toBe('step "mine" uses the variable "weights", which has been disposed')
    step.dispose()
    step.dispose()
    expect(message(() => step([x]))).toBe('step "mine" has been disposed')
  })

  test('variables that were all disposed at once', () => {
    const v = tf.variable(tf.scalar(1), true, 'all')
    const step = compile(backend, ([a]) => [a!.mul(v)], 'mine')
    for (let i = 0; i < 2; i++) tf.dispose(step([x]))
    tf.disposeVariables()
    expect(message(() => step([x]))).toBe('step "mine" uses the variable "all", which has been disposed')
    step.dispose()
  })

  test('variables made at every call', () => {
    const step = compile(backend, ([a]) => [tf.variable(a!)], 'mine')
    tf.dispose(step([x]))
    expect(message(() => step([x]))).toBe(
      'step "mine" makes new variables at every call: make them once, outside',
    )
    step.dispose()
  })
})

test('an index out of range is an error, traced as eager', () => {
  const table = tf.tensor1d([10, 20, 30])
  const step = compile(backend, ([t, at]) => [tf.gather(t!, at as never)], 'look up')
  const good = tf.tensor1d([0, 2], 'int32')
  const bad = tf.tensor1d([0, 3], 'int32')
  for (let i = 0; i < 2; i++) tf.dispose(step([table, good]))
  expect(() => step([table, bad])).toThrow(/indices\[1\] = 3 is not in \[0, 3\)/)
  const [found] = step([table, good])
  expect(Array.from(found!.dataSync())).toEqual([10, 30])
  found!.dispose()
  step.dispose()
  tf.dispose([table, good, bad])
})

test('an exception inside a step comes out as it is, and the backend is as it was', () => {
  const native = internals(tf)
  const { binding } = native
  const { random } = Math
  const gather = tf.getKernel('GatherV2', 'tensorflow')!.kernelFunc
  const before = tf.memory().numTensors
  const step = compile(backend, ([a]) => {
    a!.square()
    throw new RangeError('my own')
  })
  expect(() => step([x])).toThrow(new RangeError('my own'))
  expect(native.binding).toBe(binding)
  expect(
    Object.keys(native).filter((key) => ['move', 'readSync', 'getInputTensorIds'].includes(key)),
  ).toEqual([])
  expect(Math.random).toBe(random)
  expect(tf.getKernel('GatherV2', 'tensorflow')!.kernelFunc).toBe(gather)
  expect(tf.memory().numTensors).toBe(before)
  expect(Array.from(x.square().dataSync())).toEqual([1, 4, 9, 16])
  step.dispose()
})
