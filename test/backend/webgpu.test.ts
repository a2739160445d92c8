import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { webGpuStatus } from '../../main/hosts/lab/webgpu-status'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside the checkout, so that the bundle finds the packages as the product's does.
const outDir = path.join(root, 'out/test-webgpu')

beforeAll(async () => {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: true,
      outDir,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: {
          gpu: path.join(root, 'test/backend/programs/gpu.ts'),
          'webgpu-report': path.join(root, 'main/trainer/webgpu-report.ts'),
        },
        external: [/^@tensorflow\//],
        output: { format: 'esm', entryFileNames: '[name].mjs' },
      },
    },
    ssr: { noExternal: true, external: ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'] },
  })
}, 120_000)

/** SwiftShader, Vulkan on the CPU, as Chromium carries it. */
const SWIFTSHADER = ['/usr/lib/chromium', process.env.SWIFTSHADER_DIR ?? '']
  .filter(Boolean)
  .find((folder) => fs.existsSync(path.join(folder, 'vk_swiftshader_icd.json')))
if (!SWIFTSHADER) console.warn('No Chromium with SwiftShader here: WebGPU is not tested. Install chromium.')
const software = {
  VK_DRIVER_FILES: path.join(SWIFTSHADER ?? '', 'vk_swiftshader_icd.json'),
  LD_LIBRARY_PATH: SWIFTSHADER,
}

/** What the program prints. Dawn runs in a process of its own: in a thread of the tests it would end them all. */
function run<T>(backend: string, what: string, env: NodeJS.ProcessEnv = {}): Promise<T> {
  const file = path.join(outDir, 'gpu.mjs')
  const options = { env: { ...process.env, ...env }, maxBuffer: 2 ** 26 }
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [file, backend, what], options, (error, stdout, stderr) => {
      const line = stdout.trim().split('\n').pop()!
      try {
        resolve(JSON.parse(line) as T)
      } catch {
        reject(new Error(`${error?.message}: ${stdout.slice(-500)}${stderr.slice(-2000)}`))
      }
    })
  })
}

interface Numbers {
  device: { name: string; description: string; note: string | null }
  signals: unknown
  trained: unknown
  left: number
}

/** All numbers of a document, in its order. */
const numbersIn = (value: unknown): number[] => {
  if (typeof value === 'number') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : []
}

/** The largest difference, relative to numbers larger than 1 and absolute below. */
function difference(a: unknown, b: unknown): number {
  const [ours, theirs] = [numbersIn(a), numbersIn(b)]
  expect(ours.length).toBe(theirs.length)
  expect(ours.length).toBeGreaterThan(100)
  return ours.reduce(
    (most, one, i) => Math.max(most, Math.abs(one - theirs[i]) / Math.max(1, Math.abs(one))),
    0,
  )
}

describe.skipIf(!SWIFTSHADER)('WebGPU, on an adapter of software', () => {
  test('forward, backward and training, dense and convolutional, agree with the other backends', async () => {
    const gpu = await run<Numbers>('webgpu', 'numbers', software)
    expect(gpu.device.description).toMatch(/^GPU SwiftShader .*, WebGPU, TensorFlow.js 4/)
    expect(gpu.device.note).toContain('made of software')
    expect(gpu.left).toBe(0)
    for (const other of ['tensorflow', 'cpu']) {
      const own = await run<Numbers>(other, 'numbers')
      expect(difference(own.signals, gpu.signals), other).toBeLessThan(1e-4)
      // Rounding adds up over steps, and a sample on the border between two classes counts as a whole.
      expect(difference(own.trained, gpu.trained), other).toBeLessThan(5e-3)
    }
  }, 240_000)

  test('it is refused by name unless it is asked for', async () => {
    expect(await run('hardware', 'numbers', software)).toEqual({
      refused: expect.stringMatching(
        /^WebGPU finds no GPU but one made of software \(SwiftShader .*\), .* webgpu-software /,
      ),
    })
  }, 60_000)

  test('the status tells the adapter, what limits networks on it, and why it is not used unasked', async () => {
    const status = await webGpuStatus(path.join(outDir, 'webgpu-report.mjs'), 60_000, {
      ...process.env,
      ...software,
    })
    expect(status).toMatchObject({
      library: true,
      adapter: {
        vendor: 'google',
        architecture: 'swiftshader',
        isSoftware: true,
        limits: { maxBufferSize: 2 ** 30 },
      },
      why: expect.stringContaining('WebGPU finds no GPU but one made of software (SwiftShader'),
    })
  }, 90_000)

  test('a device that is lost in the middle of a training ends it, with the cause', async () => {
    const { type, error } = await run<{ type: string; error: { message: string } }>(
      'webgpu',
      'lost',
      software,
    )
    expect(type).toBe('error')
    expect(error.message).toMatch(/The GPU \(SwiftShader .*\) was lost: /)
  }, 120_000)

  test('too large a tensor is an error with numbers to choose from, and not zeros; then it goes on', async () => {
    const { error, after } = await run<{ error: string; after: number }>('webgpu', 'memory', software)
    expect(error).toMatch(
      /has not enough memory: .* GiB of tensors .* a single one may have 1\.00 GiB; half the batch/,
    )
    expect(after).toBe(8)
  }, 120_000)
})

/** On Linux, which this test is for. */
const NO_GPU =
  'WebGPU finds no GPU on this machine, or no driver for it. On Linux it computes by Vulkan: that needs ' +
  'libvulkan1 and NVIDIA’s driver, or mesa-vulkan-drivers for others (names in Debian and Ubuntu).'

test('without any adapter the status says so', async () => {
  const env = { ...process.env, VK_DRIVER_FILES: path.join(outDir, 'none.json'), LD_LIBRARY_PATH: '' }
  expect(await webGpuStatus(path.join(outDir, 'webgpu-report.mjs'), 60_000, env)).toEqual({
    ...{ library: true, adapter: null, why: NO_GPU },
  })
}, 90_000)

test('without any adapter it says so', async () => {
  const { refused } = await run<{ refused: string }>('webgpu', 'numbers', {
    VK_DRIVER_FILES: path.join(outDir, 'none.json'),
    LD_LIBRARY_PATH: '',
  })
  expect(refused).toBe(NO_GPU)
}, 60_000)
