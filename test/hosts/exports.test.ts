import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { readZip } from '../../main/files/zip'
import type { FrontEnd } from '../../main/hosts/lab/front-end'
import { createLab, type Lab } from '../../main/hosts/lab/lab'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import type { Experiment } from '../../shared/settings/experiment'
import { defaultShatter } from '../../shared/settings/shatter'
import { defaultExperiment } from '../../shared/settings/table'
import { joined } from './joined'

// The laboratory with its own thread, bundled as in the product, and a trainer that keeps what it is asked for
// (fixture-trainer.cjs): a measured network is drawn again from its seed, so that it has weights all the same.

const KEPT = 31
const cache = path.join(import.meta.dirname, '../../.cache')

let threadFolder: string
beforeAll(async () => {
  fs.mkdirSync(cache, { recursive: true })
  threadFolder = fs.mkdtempSync(path.join(cache, 'thread-'))
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: path.join(import.meta.dirname, '../../main/hosts/lab/thread.ts'),
      outDir: threadFolder,
      target: 'node20',
      rolldownOptions: {
        external: [/^@tensorflow\//],
        output: { format: 'cjs', entryFileNames: 'thread.cjs', chunkFileNames: '[name]-[hash].cjs' },
      },
    },
    ssr: { noExternal: true, external: ['onnxruntime-web', 'h5wasm'] },
  })
})
afterAll(() => fs.rmSync(threadFolder, { recursive: true, force: true }))

let folder: string
let lab: Lab
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-lab-exports-'))
  // Downloads are made in here, and whatever stays of them is seen.
  vi.stubEnv('TMPDIR', fs.mkdtempSync(path.join(folder, 'tmp-')))
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const spawn = nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs'))
  lab = createLab({ host: 'browser', spawn, folder, runtime: { context }, threadFolder })
  void lab.start()
})
afterEach(async () => {
  await lab.close()
  vi.unstubAllEnvs()
  fs.rmSync(folder, { recursive: true, force: true })
})

const SMALL: Partial<Experiment> = { blocks: 3, width: 8, replicas: 2 }
const AS_IT_IS = { series: null, replica: 1, fold: false, float16: false, licence: null }

/** A front end that has a run. */
async function withRun(changes: Partial<Experiment> = {}, frontEnd: FrontEnd = {}) {
  const front = joined(lab, frontEnd)
  const experiment = { ...defaultExperiment(), ...SMALL, ...changes, seed: KEPT }
  const body = { type: 'signal', experiment: experiment as never, keep: true, name: 'first try' } as const
  const { run } = await front.ask<'signal'>(body)
  return { ...front, run: run!.id }
}

const leftovers = () => fs.readdirSync(process.env.TMPDIR!)

/** A front end whose dialog gives this path. */
const choosing = (out: string | null, asked: unknown[] = []) => ({
  files: {
    chooseExport: (...given: unknown[]) => {
      asked.push(given)
      return Promise.resolve(out)
    },
  } as never,
})

describe('in a browser', () => {
  test('one file comes as it is, with its proof', async () => {
    const { ask, run, messages } = await withRun()
    const asked = { ...AS_IT_IS, run, format: 'npz', licence: 'CC0' } as const
    const made = (await ask({ type: 'export.run', ...asked }))!
    expect(made).toMatchObject({
      path: 'first-try.npz',
      exports: [{ series: 1, replica: 1, network: 'Type 2' }],
    })
    expect(made.exports[0].proof).toMatchObject({ relativeDifference: 0, inputs: { samples: 4 } })
    const file = path.join(folder, 'got.npz')
    fs.writeFileSync(file, Buffer.from(made.content!, 'base64'))
    const members = await readZip(file)
    expect(JSON.parse(members.get('export.json')!.toString())).toMatchObject({
      run: { id: run },
      licence: 'CC0',
    })
    expect([...members.keys()]).toContain('blocks.1.linear-1.weight.npy')
    expect(messages).toContainEqual(
      expect.objectContaining({
        kind: 'event',
        event: expect.objectContaining({ type: 'progress', total: 1 }),
      }),
    )
    expect(leftovers()).toEqual([])
  })

  test('a folder comes as one .zip, the same bytes each time', async () => {
    const { ask, run } = await withRun()
    const asked = { type: 'export.run', ...AS_IT_IS, run, format: 'tfjs', replica: null } as const
    const made = (await ask(asked))!
    expect(made.path).toBe('first-try-all-tfjs.zip')
    expect((await ask(asked))!.content).toBe(made.content)
    const file = path.join(folder, 'got.zip')
    fs.writeFileSync(file, Buffer.from(made.content!, 'base64'))
    const names = ['README.md', 'export.json', 'model.js', 'model.json', 'proof.json', 'weights.bin']
    expect([...(await readZip(file)).keys()]).toEqual(
      [1, 2].flatMap((replica) => names.map((name) => `first-try-all-tfjs/replica-${replica}/${name}`)),
    )
    expect(leftovers()).toEqual([])
  })

  test('layers that Keras lacks come beside the file', async () => {
    const { ask, run } = await withRun({ remedies: ['rezero'] })
    const made = (await ask({ type: 'export.run', ...AS_IT_IS, run, format: 'keras' }))!
    expect(made.path).toBe('first-try.zip')
    const file = path.join(folder, 'got.zip')
    fs.writeFileSync(file, Buffer.from(made.content!, 'base64'))
    expect([...(await readZip(file)).keys()]).toEqual([
      'first-try.keras',
      'first-try.py',
      'residual_lab_layers.py',
    ])
  })
})

describe('with dialogs', () => {
  test('it goes to where the dialog says, which offers a name; a cancelled one leaves nothing', async () => {
    const asked: unknown[] = []
    const out = path.join(folder, 'mine')
    const { ask, run } = await withRun({}, choosing(out, asked))
    const settings = { ...AS_IT_IS, run, format: 'pytorch', replica: 2 } as const
    expect(await ask({ type: 'export.run', ...settings })).toMatchObject({
      ...{ path: out, content: null, exports: [{ path: out, replica: 2 }] },
    })
    expect(asked).toEqual([['first-try-replica-2-pytorch', false]])
    expect(fs.readdirSync(out)).toContain('model.py')
    // The dialog has asked: what is there gives way.
    expect(await ask({ type: 'export.run', ...settings, replica: 1 })).toMatchObject({ path: out })
    expect(JSON.parse(fs.readFileSync(path.join(out, 'export.json'), 'utf8'))).toMatchObject({ replica: 1 })
    const other = joined(lab, choosing(null))
    expect(await other.ask({ type: 'export.run', ...settings })).toBeNull()
  })

  test('a folder of somebody else’s stays as it is', async () => {
    const out = path.join(folder, 'thesis')
    fs.mkdirSync(out)
    fs.writeFileSync(path.join(out, 'thesis.txt'), 'years')
    const { ask, run } = await withRun({}, choosing(out))
    await expect(ask({ type: 'export.run', ...AS_IT_IS, run, format: 'pytorch' })).rejects.toThrow(
      `input: out: ${out} is a folder that holds no export. Give another path, or empty it.`,
    )
    expect(fs.readdirSync(out)).toEqual(['thesis.txt'])
  })

  test('what is stopped on the way leaves nothing, and what was there', async () => {
    const out = path.join(folder, 'stopped')
    const front = await withRun({ blocks: 10, width: 64, replicas: 40 }, choosing(out))
    const asked = { type: 'export.run', ...AS_IT_IS, run: front.run, format: 'npz', replica: null } as const
    front.connection.receive({ kind: 'request', id: 'stopped', body: asked })
    await vi.waitFor(
      () => {
        expect(front.messages).toContainEqual(expect.objectContaining({ kind: 'event', id: 'stopped' }))
        expect(fs.readdirSync(folder).filter((name) => name.startsWith('.stopped'))).toHaveLength(1)
      },
      { timeout: 15_000, interval: 5 },
    )
    const isDone = () =>
      front.messages.some(({ kind, ...one }) => kind === 'reply' && 'id' in one && one.id === 'stopped')
    expect(isDone()).toBe(false)
    await front.ask({ type: 'control', job: 'stopped', action: 'stop' })
    expect(await front.answerTo('stopped')).toBeNull()
    expect(fs.readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([])
  })
})

describe('what cannot be exported', () => {
  test('is said before anything is written, by the setting', async () => {
    const asked: unknown[] = []
    const { ask, run } = await withRun(
      { remedies: ['none', 'rsqrt2'] },
      choosing(path.join(folder, 'x'), asked),
    )
    const check = (changes: object) =>
      ask<'export.check'>({ type: 'export.check', ...AS_IT_IS, run, format: 'keras', series: 1, ...changes })
    // 3 blocks of 8 × 8 weights and 8 shifts.
    expect(await check({})).toEqual({ problem: null, bytes: 4 * 3 * 72 })
    expect(await check({ format: 'onnx', float16: true, replica: null })).toEqual({
      problem: null,
      bytes: 2 * 2 * 3 * 72,
    })
    expect(await check({ float16: true })).toEqual({
      problem: {
        where: 'float16',
        text: 'Keras files keep weights in float32. Keep float32; Keras computes in half precision by dtype="float16".',
      },
    })
    expect(await check({ fold: true })).toEqual({
      problem: {
        where: 'fold',
        text:
          `In "${run}" no batch norm stands right behind a layer with weights. ` +
          'Export it as it is, without folding.',
      },
    })
    expect(await check({ series: null })).toMatchObject({ problem: { where: 'series' } })
    expect(await check({ series: 3 })).toMatchObject({ problem: { where: 'series' } })
    expect(await check({ replica: 3 })).toMatchObject({ problem: { where: 'replica' } })
    await expect(
      ask({ type: 'export.run', ...AS_IT_IS, run, format: 'keras', series: 1, float16: true }),
    ).rejects.toThrow('input: float16: Keras files keep weights in float32.')
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('.x') || name === 'x')).toEqual([])
  })

  test('a run without weights, and one that is not there', async () => {
    const front = joined(lab)
    const experiment = { ...defaultExperiment(), ...SMALL, seed: KEPT }
    const { run } = await front.ask<'shatter'>({
      ...{
        type: 'shatter',
        experiment: experiment as never,
        settings: defaultShatter() as never,
        keep: true,
      },
    })
    expect(
      await front.ask({ type: 'export.check', ...AS_IT_IS, run: run!.id, format: 'onnx' }),
    ).toMatchObject({ problem: { where: 'run', text: expect.stringContaining('has no weights') } })
    await expect(front.ask({ type: 'export.run', ...AS_IT_IS, run: 'gone', format: 'onnx' })).rejects.toThrow(
      'gone',
    )
  })

  test('a format that there is not, and a path in place of a run', async () => {
    const { ask, run } = await withRun()
    await expect(ask({ type: 'export.run', ...AS_IT_IS, run, format: 'pickle' } as never)).rejects.toThrow(
      'format',
    )
    await expect(ask({ type: 'export.run', ...AS_IT_IS, run: '../../etc', format: 'npz' })).rejects.toThrow(
      'input',
    )
  })
})
