import * as path from 'node:path'
import { expect, test } from 'vitest'
import { createWebGpuAsked, webGpuLines, webGpuStatus } from '../../main/hosts/lab/webgpu-status'

const programs = path.join(__dirname, '../backend/programs')

test('a driver that ends the process, or does not answer, leaves a sentence', async () => {
  const died = await webGpuStatus(path.join(programs, 'dies.cjs'))
  expect(died).toEqual({
    library: false,
    adapter: null,
    why: 'The process that looked for a GPU by WebGPU has ended without an answer (signal SIGSEGV).',
  })
  const late = await webGpuStatus(path.join(programs, 'hangs.cjs'), 300)
  expect(late.why).toContain('without an answer (not within 0.3 s)')
  expect(webGpuLines(late)).toEqual([`WebGPU:   ${late.why}`])
})

test('a GPU is told with what limits networks on it, and why it is left alone', () => {
  const limits = {
    ...{ maxComputeWorkgroupStorageSize: 32768, maxComputeWorkgroupsPerDimension: 65535 },
    ...{ maxStorageBufferBindingSize: 2 ** 30, maxBufferSize: 2 ** 30 },
    ...{ maxComputeWorkgroupSizeX: 256, maxComputeInvocationsPerWorkgroup: 256 },
  }
  const of = { name: 'SwiftShader driver 5.0.0', vendor: 'google', architecture: 'swiftshader' }
  const adapter = { ...of, isSoftware: true, features: ['subgroups'], limits }
  expect(webGpuLines({ library: true, adapter, why: 'It is slow.' })).toEqual([
    'WebGPU:   SwiftShader driver 5.0.0 (google, swiftshader), made of software; 1.1 GB for one tensor; subgroups',
    '          It is slow.',
  ])
})

test('it is asked once, and nobody waits for it', async () => {
  const status = { library: true, adapter: null, why: 'None.' }
  let times = 0
  let tell = (_status: typeof status) => {}
  const asked = createWebGpuAsked(() => {
    times++
    return new Promise((resolve) => (tell = resolve))
  })
  expect([asked(), asked()]).toEqual([null, null])
  tell(status)
  await expect.poll(asked).toEqual(status)
  expect(times).toBe(1)
})
