import { describe, expect, test } from 'vitest'
import { usePool, type Program } from '../../main/trainer/backend/pool'

const application = (env: NodeJS.ProcessEnv = {}): Program => ({ platform: 'linux', electron: '45.4.1', env })

describe('TensorFlow’s own pool of memory', () => {
  test('is asked for in the environment, below three pieces of 1 GiB, of which two thirds are for networks', () => {
    const env = { PATH: '/bin' }
    expect(usePool(application(env))).toBeCloseTo(((3 * 1024 - 2) * 2 ** 20 * 2) / 3, 0)
    expect(env).toEqual({
      ...{ PATH: '/bin', TF_CPU_ALLOCATOR_USE_BFC: 'true' },
      TF_CPU_BFC_MEM_LIMIT_IN_MB: String(3 * 1024 - 2),
    })
  })

  test.each([
    ['plain Node', { electron: undefined }],
    ['Windows', { platform: 'win32' }],
    ['macOS', { platform: 'darwin' }],
  ])('is not used on %s', (_name, other) => {
    const env = {}
    expect(usePool({ ...application(env), ...other })).toBeNull()
    expect(env).toEqual({})
  })

  test('is left out where the program was started so', () => {
    const env = { TF_CPU_ALLOCATOR_USE_BFC: 'false' }
    expect(usePool(application(env))).toBeNull()
    expect(env).toEqual({ TF_CPU_ALLOCATOR_USE_BFC: 'false' })
  })
})
