import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { promisify } from 'node:util'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findElectron } from '../electron/find'
import { dataFolder, missingBuild, removeDataFolder, root, type BenchHost } from './bench'
import { byId, finished } from './checks'
import { electronHost, type ElectronBench } from './electron-host'

const ENABLED = '1'.charCodeAt(0)
const DISABLED = '0'.charCodeAt(0)

let output: string
let program: string
let missing: string | null
let host: BenchHost<ElectronBench> | undefined

beforeAll(async () => {
  const { electron, missing: noElectron } = await findElectron()
  missing = noElectron ?? missingBuild()
  if (!electron || missing) return
  output = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-package-'))
  const script = path.join(root, 'test', 'electron', 'test-build.mjs')
  await promisify(execFile)(process.execPath, [script, output, electron.dist, electron.version], {
    cwd: root,
  })
  program = path.join(output, 'linux-unpacked', 'residual-lab')
  host = await electronHost(program)
  missing = host.missing
}, 300_000)
afterAll(async () => {
  await host?.close()
  if (output) fs.rmSync(output, { recursive: true, force: true })
})

test('the packaged application starts and measures', { timeout: 180_000 }, async ({ skip }) => {
  if (missing) return skip(missing)
  const data = dataFolder()
  const bench = await host!.open({ data })
  try {
    await finished(bench.page)
    await expect.poll(() => byId(bench.page, 'device').innerText()).toContain('TensorFlow 2.')
    await expect
      .poll(() => byId(bench.page, 'finding-forward').textContent())
      .toContain('doubles every block')
    expect(await bench.app.evaluate(({ app }) => app.isPackaged)).toBe(true)
    expect(bench.problems).toEqual([])
  } finally {
    await bench.close()
    removeDataFolder(data)
  }
})

test(
  'without TensorFlow’s library its own command line is said to get it',
  { timeout: 180_000 },
  async ({ skip }) => {
    if (missing) return skip(missing)
    const data = dataFolder()
    const bench = await host!.open({ data, env: { RESIDUAL_LAB_CACHE: path.join(data, 'cache') } })
    try {
      await byId(bench.page, 'library-without').click()
      const note = byId(bench.page, 'runtime-note')
      await expect.poll(() => note.innerText()).toContain(`${program} runtime install gets TensorFlow.`)
      await expect.poll(() => note.locator('code').innerText()).toBe(`${program} runtime install`)
      expect(bench.problems).toEqual([])
    } finally {
      await bench.close()
      removeDataFolder(data)
    }
  },
)

test('the packaged application exports networks, with what opens them again inside', async ({ skip }) => {
  if (missing) return skip(missing)
  const data = dataFolder()
  const bench = await host!.open({ data })
  const { page, app } = bench
  try {
    await finished(page)
    await byId(page, 'chart-run').first().click()
    if (!(await byId(page, 'run-detail').isVisible())) await byId(page, 'toggle-detail').click()
    await byId(page, 'run-export-network').click()
    for (const [format, program] of [
      ['keras', 'the lab’s reader of .keras files'],
      ['onnx', 'ONNX Runtime'],
      ['tfjs', 'TensorFlow.js'],
    ] as const) {
      const place = path.join(data, `exported.${format}`)
      await app.evaluate(({ dialog }, filePath) => {
        dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath, bookmark: '' })
      }, place)
      await byId(page, `export-format-${format}`).check()
      await byId(page, 'export-start').click()
      await expect.poll(() => byId(page, 'export-place').innerText(), { timeout: 60_000 }).toBe(place)
      await expect.poll(() => byId(page, 'export-proof').innerText()).toContain(`opened again by ${program}`)
      expect(fs.existsSync(place)).toBe(true)
    }
    expect(bench.problems).toEqual([])
  } finally {
    await bench.close()
    removeDataFolder(data)
  }
}, 180_000)

test('the executable refuses what it need not do; a test build lets itself be steered', async ({ skip }) => {
  if (missing) return skip(missing)
  expect(await getCurrentFuseWire(program)).toMatchObject({
    [FuseV1Options.RunAsNode]: DISABLED,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: DISABLED,
    [FuseV1Options.EnableNodeCliInspectArguments]: ENABLED,
    [FuseV1Options.OnlyLoadAppFromAsar]: ENABLED,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ENABLED,
  })
})

test('the application holds what it needs and no more', ({ skip }) => {
  if (missing) return skip(missing)
  const resources = path.join(path.dirname(program), 'resources')
  expect(fs.readdirSync(resources).sort()).toEqual(['LICENSE.txt', 'THIRD-PARTY-NOTICES.txt', 'app.asar'])
  // ONNX Runtime and h5wasm, which exports are written and proven with, are 19 MB of it; the page that computes on a
  // GPU by WebGPU is 0.7 MB.
  expect(fs.statSync(path.join(resources, 'app.asar')).size).toBeLessThan(40e6)
})
