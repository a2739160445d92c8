import { expect, it } from 'vitest'
import { loadBackend } from '../../main/trainer/backend'
import { runtimeStatus } from '../../main/runtime'

const { library, problem, cacheFolder } = await runtimeStatus()

it('gives the raw binding, beside TensorFlow.js on it', (context) => {
  if (!library) return context.skip(`no TensorFlow library in ${cacheFolder}: ${problem}`)
  const { tf, binding } = loadBackend({ library })
  if (!binding) throw new Error('no binding')
  const before = binding.getNumOfTensors()
  const id = binding.createTensor([2], binding.TF_FLOAT, Float32Array.of(1, -2))
  const attributes = [{ name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }]
  const [relu] = binding.executeOp('Relu', attributes, [id], 1)
  expect(Array.from(binding.tensorDataSync(relu!.id) as Float32Array)).toEqual([1, 0])
  binding.deleteTensor(id)
  binding.deleteTensor(relu!.id)
  expect(binding.getNumOfTensors()).toBe(before)
  expect(tf.getBackend()).toBe('tensorflow')
  // One thread, one backend: nobody is handed another one silently.
  expect(() => loadBackend({ library: null })).toThrow('This thread already runs another backend')
})
