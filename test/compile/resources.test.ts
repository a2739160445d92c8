/** Nothing is left behind: tensors, graphs, files, memory. */
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { beforeAll, expect, test } from 'vitest'
import { compile, createProgram, type CompileBackend } from '../../main/trainer/compile'
import type { NodeBinding, Tf } from '../../main/trainer/compile/native'
import { nativeBackend } from './support'

let backend: CompileBackend & { binding: NodeBinding | null }
let tf: Tf
let binding: NodeBinding
beforeAll(async () => {
  backend = await nativeBackend()
  tf = backend.tf
  binding = backend.binding!
})

const counts = () => ({
  tensors: tf.memory().numTensors,
  native: binding.getNumOfTensors(),
  models: binding.getNumOfSavedModels(),
})

test('a thousand steps leave no tensor', () => {
  const w = tf.tidy(() => tf.variable(tf.ones([4, 4])))
  const x = tf.ones([3, 4])
  const step = compile(backend, ([a]) => {
    const loss = tf
      .matMul(a as never, w as never)
      .square()
      .mean()
    w.assign(w.mul(0.99))
    return [loss]
  })
  for (let i = 0; i < 3; i++) tf.dispose(step([x]))
  const before = counts()
  for (let i = 0; i < 1000; i++) {
    tf.dispose(step([x]))
    if (i % 100 === 0) w.dataSync()
  }
  // Somebody looked at the variable: it may or may not hold a value of its own.
  w.dataSync()
  tf.dispose(step([x]))
  expect(counts()).toEqual(before)
  step.dispose()
  tf.dispose([w, x])
})

/**
 * Bytes that the process holds once its garbage is collected. What holds a buffer of TensorFlow gives it back in the
 * event loop's next turn, hence the second collection.
 */
const held = async (): Promise<number> => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  await setImmediate()
  collect()
  return process.memoryUsage().rss
}

test('compiling and disposing again and again leaves no model, file or memory', async () => {
  const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('compiled-')).length
  const start = { ...counts(), folders: folders() }
  const x = tf.ones([64, 64])
  const cycle = (): void => {
    const w = tf.tidy(() => tf.variable(tf.ones([512, 512])))
    const program = createProgram(backend)
    const step = program.define('step', ([a]) => (w.assign(w.mul(0.5)), [a!.sum().add(w.sum())]))
    for (let i = 0; i < 3; i++) tf.dispose(step([x]))
    program.dispose()
    w.dispose()
  }
  for (let i = 0; i < 40; i++) cycle()
  const before = await held()
  for (let i = 0; i < 400; i++) cycle()
  const grown = (await held()) - before
  x.dispose()
  expect({ ...counts(), folders: folders() }).toEqual(start)
  // Four hundred leaked weight matrices would be 400 MB. Where nothing leaks, the heaps of JavaScript and C still grow
  // and shrink by tens of megabytes, however many the cycles.
  expect(grown / 2 ** 20).toBeLessThan(100)
})

test('steps that are refused or fail leave nothing', () => {
  const start = counts()
  const x = tf.ones([8])
  for (let i = 0; i < 20; i++) {
    const refused = compile(backend, ([a]) => [a!.mul(a!.square().dataSync()[0]!)])
    expect(() => refused([x])).toThrow('reads')
    refused.dispose()
  }
  x.dispose()
  expect(counts()).toEqual(start)
})
