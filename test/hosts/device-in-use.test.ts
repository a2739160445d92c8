import { expect, test } from 'vitest'
import { createDeviceInUse } from '../../main/hosts/lab/device-in-use'
import type { TensorFlowLibrary } from '../../main/runtime'
import type { DeviceStatus } from '../../shared/protocol/protocol'

const ON_GPU: TensorFlowLibrary = {
  ...{ path: '/lib', bindingPath: '/binding', version: '2.18.0' },
  ...{ source: 'wheel', device: 'gpu', note: null },
} as TensorFlowLibrary

const status = (backend: string, name: string): DeviceStatus =>
  ({ backend, name, version: '0', description: name, note: null }) as DeviceStatus

test('from a GPU to the CPU to WebGPU to plain JavaScript, each with what came before', () => {
  const inUse = createDeviceInUse('auto')
  inUse.begin(ON_GPU, '', null)
  expect(inUse).toMatchObject({ choice: 'auto', name: 'TensorFlow on the GPU', next: 'cpu', isLast: false })
  inUse.found(status('tensorflow', 'GPU, NVIDIA H100'))

  inUse.replace('cpu', 'The GPU died.')
  expect(inUse).toMatchObject({ choice: 'cpu', name: 'TensorFlow', next: null, isLast: false })
  expect(inUse.noted(status('tensorflow', 'CPU')).note).toBe('The GPU died.')

  inUse.giveUpLibrary('The CPU died, too.')
  // On the CPU TensorFlow was not asked for: no GPU is looked for either.
  expect(inUse).toMatchObject({ choice: 'cpu', library: null, failedLibrary: ON_GPU, isLast: true })
  expect(inUse.noted(status('cpu', 'CPU')).note).toBe('The GPU died. The CPU died, too.')
})

test('without a library a GPU by WebGPU is looked for unasked, and plain JavaScript is the last', () => {
  const inUse = createDeviceInUse('gpu')
  inUse.begin(null, 'It is not installed.', null)
  expect(inUse).toMatchObject({
    ...{ choice: 'webgpu', name: 'WebGPU', next: 'cpu', isLast: false },
    beginning: 'Looking for a GPU by WebGPU.',
  })
  expect(inUse.noted(status('webgpu', 'GPU, of someone')).note).toMatch(
    /^It is not installed\. In TensorFlow’s place a GPU computes, by WebGPU\./,
  )
  inUse.replace('cpu', 'There is no GPU.')
  expect(inUse).toMatchObject({ choice: 'cpu', isLast: true, beginning: 'Loading the plain backend.' })
  expect(inUse.noted(status('cpu', 'CPU')).note).toBe('It is not installed. There is no GPU.')
})

test('what has failed is tried again once a device is asked for, and nothing is known of a new library', () => {
  const inUse = createDeviceInUse('webgpu')
  inUse.begin(ON_GPU, '', null)
  inUse.replace('auto', 'It was lost.')
  // What the library was installed for is not what it found.
  inUse.found(status('tensorflow', 'CPU'))
  expect(inUse).toMatchObject({ choice: 'auto', name: 'TensorFlow', next: null })
  inUse.ask('webgpu')
  expect(inUse).toMatchObject({ choice: 'webgpu', standIn: null, next: 'auto' })
  inUse.ask('auto')
  inUse.begin({ ...ON_GPU, version: '2.19.0' }, '', null)
  expect(inUse).toMatchObject({ name: 'TensorFlow on the GPU', beginning: 'Loading TensorFlow 2.19.0.' })
})
