/**
 * Worker threads of one process, which is where the product's steps run: each has its own recorder, session and
 * variables.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { preloadBinding } from '../../main/trainer/backend'
import type { TensorFlowLibrary } from '../../main/runtime'
import { nativeLibrary } from './support'

let folder: string
let script: string
let library: TensorFlowLibrary

beforeAll(async () => {
  library = await nativeLibrary()
  // Inside the checkout, so that the bundle finds the packages it leaves outside.
  const cache = join(import.meta.dirname, '../../.cache')
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, 'worker-'))
  script = join(folder, 'worker.mjs')
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: join(import.meta.dirname, 'worker-entry.ts'),
      outDir: folder,
      target: 'node20',
      rollupOptions: { external: [/^@tensorflow\//], output: { format: 'es', entryFileNames: 'worker.mjs' } },
    },
  })
  // Once in the main thread before any worker, or a worker that fails may take the process with it.
  preloadBinding({ library })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = (seed: number): Promise<{ eager: number[]; traced: number[]; mode: string }> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: { library, seed } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })

test('three at once, and one after them', async () => {
  const results = await Promise.all([1, 2, 3].map(start))
  results.push(await start(1))
  for (const { eager, traced, mode } of results) {
    expect(mode).toBe('graph')
    expect(traced).toEqual(eager)
  }
  expect(results[3]!.traced).toEqual(results[0]!.traced)
  expect(results[1]!.traced).not.toEqual(results[0]!.traced)
})
