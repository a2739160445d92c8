import * as path from 'node:path'
import { expect, it } from 'vitest'
import { installRuntime, runtimeStatus } from '../../main/runtime'
import { missingLibraries } from '../../main/runtime/cuda'
import { WHEEL_CUDA } from '../../main/runtime/sources'
import { temporary } from './fakes'

// The real wheels, 2.5 GB to fetch and 4.1 GB unpacked: GPU_WHEELS=get fetches them, GPU_WHEELS=FOLDER takes them from
// there. On a machine without an NVIDIA GPU it shows all but the GPU itself.
const asked = process.env.GPU_WHEELS

it(
  'installs TensorFlow with CUDA, loads it, and says what it computes on',
  { timeout: 3_600_000 },
  async (context) => {
    if (!asked) return context.skip('not asked for: set GPU_WHEELS to get, or to a folder with the wheels')
    const options = { context: { cacheFolder: temporary() }, gpu: true, force: true }
    const from = asked === 'get' ? undefined : asked
    const library = await installRuntime({ ...options, from })
    expect(library).toMatchObject({ version: '2.21.0', source: 'wheel' })
    expect(missingLibraries(path.join(library.path, '../nvidia'), WHEEL_CUDA, {})).toEqual([])
    expect((await runtimeStatus(options)).library).toEqual(library)
    if (library.device === 'gpu') return expect(library.note).toBeNull()
    expect(library.note).toMatch(/driver|GPU.* The CPU computes, and nothing of the GPU could be checked\.$/)
  },
)
