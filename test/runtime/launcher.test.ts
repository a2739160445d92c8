import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, expect, it } from 'vitest'
import { isAlive, temporary } from './fakes'

const bin = fileURLToPath(new URL('../../bin', import.meta.url))

// A checkout with the real launcher, and an electron-vite that makes a command line which tells how it was called.
const BUILDER = `
const fs = require('fs')
fs.appendFileSync('builds', 'built\\n')
if (fs.readFileSync('main/source.ts', 'utf8') === 'wrong') {
  console.error('error during build: it is wrong')
  process.exit(1)
}
setTimeout(() => {
  fs.mkdirSync('out/main', { recursive: true })
  fs.writeFileSync('out/main/cli.cjs',
    "console.log(JSON.stringify(process.argv.slice(2))); exports.main = async (a) => a[0] === 'bad' ? 2 : 0")
}, 300)
`
let checkout: string

beforeEach(() => {
  checkout = temporary()
  fs.cpSync(bin, path.join(checkout, 'bin'), { recursive: true })
  const manifest = { name: 'residual-lab', version: '0.0.0', main: 'out/main/index.cjs' }
  const lock = { ...manifest, lockfileVersion: 3, packages: { '': manifest } }
  fs.writeFileSync(path.join(checkout, 'package.json'), JSON.stringify(manifest))
  fs.writeFileSync(path.join(checkout, 'package-lock.json'), JSON.stringify(lock))
  fs.mkdirSync(path.join(checkout, 'main'))
  fs.writeFileSync(path.join(checkout, 'main/source.ts'), 'one')
  fs.mkdirSync(path.join(checkout, 'node_modules/electron-vite/bin'), { recursive: true })
  fs.writeFileSync(path.join(checkout, 'node_modules/electron-vite/bin/electron-vite.js'), BUILDER)
  fs.writeFileSync(path.join(checkout, 'node_modules/.package-lock.json'), '{}')
})

function launch(args: string[], env: Record<string, string> = {}, user: { uid?: number } = {}) {
  const clean: NodeJS.ProcessEnv = { ...process.env, RESIDUAL_LAB_CACHE: path.join(checkout, 'cache') }
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'ELECTRON_OVERRIDE_DIST_PATH']) delete clean[name]
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const launcher = path.join(checkout, 'bin/residual-lab.mjs')
    const child = execFile(
      process.execPath,
      [launcher, ...args],
      { env: { ...clean, ...env }, ...user },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}
const builds = () => fs.readFileSync(path.join(checkout, 'builds'), 'utf8').trim().split('\n').length

it('is executable and named in package.json', () => {
  expect(fs.statSync(path.join(bin, 'residual-lab.mjs')).mode & 0o111).toBe(0o111)
  const manifest = JSON.parse(fs.readFileSync(path.join(bin, '../package.json'), 'utf8'))
  expect(manifest.bin).toEqual({ 'residual-lab': 'bin/residual-lab.mjs' })
})

it('builds once, then only when a source changes, and leaves standard output to the command', async () => {
  const first = await launch(['presets', '--json'])
  expect(first).toEqual({
    code: 0,
    stdout: '["presets","--json"]\n',
    stderr: 'Building (electron-vite build)\n',
  })
  expect(await launch(['bad'])).toEqual({ code: 2, stdout: '["bad"]\n', stderr: '' })
  fs.writeFileSync(path.join(checkout, 'main/source.ts'), 'two')
  expect((await launch(['presets'])).stderr).toBe('Building (electron-vite build)\n')
  expect(builds()).toBe(2)
})

it('reads sources that have not changed once, and sees a change that keeps size and time', async () => {
  const known = path.join(checkout, '.cache/source-stamp.json')
  const source = path.join(checkout, 'main/source.ts')
  const launched = () => launch(['presets'])
  await expect.poll(async () => launched().then(() => fs.existsSync(known)), { timeout: 30_000 }).toBe(true)
  expect(builds()).toBe(1)
  // What is remembered counts, until a file says that it has changed.
  const remembered = JSON.parse(fs.readFileSync(known, 'utf8'))
  fs.writeFileSync(known, JSON.stringify({ ...remembered, stamp: 'of other sources' }))
  expect((await launched()).stderr).toBe('Building (electron-vite build)\n')
  const { atime, mtime, size } = fs.statSync(source)
  fs.writeFileSync(source, 'two')
  fs.utimesSync(source, atime, mtime)
  expect(fs.statSync(source)).toMatchObject({ size, mtime })
  expect((await launched()).stderr).toBe('Building (electron-vite build)\n')
  // Damaged, it is as none.
  fs.writeFileSync(known, '{')
  expect(await launched()).toMatchObject({ code: 0, stderr: '' })
})

it('builds once for two launches at the same time', async () => {
  const both = await Promise.all([launch(['a']), launch(['b'])])
  expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
    [0, '["a"]\n'],
    [0, '["b"]\n'],
  ])
  expect(builds()).toBe(1)
})

it('tells why a build failed, and tries again next time', async () => {
  fs.writeFileSync(path.join(checkout, 'main/source.ts'), 'wrong')
  const { code, stdout, stderr } = await launch(['presets'])
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toContain(
    'The build failed: error during build: it is wrong. Mend the sources, then start again.',
  )
  fs.writeFileSync(path.join(checkout, 'main/source.ts'), 'right')
  expect((await launch(['presets'])).code).toBe(0)
})

it('installs packages that are missing or older than the lock file', async () => {
  fs.rmSync(path.join(checkout, 'node_modules'), { recursive: true })
  const { code, stdout, stderr } = await launch(['presets'])
  // A real npm ci, of no packages: so there is no electron-vite afterwards.
  expect(stdout).toBe('')
  expect(stderr).toContain('Installing packages (npm ci)\n')
  expect(stderr).toContain(`electron-vite is not installed in ${checkout}. Run \`npm ci\` there.`)
  expect(code).toBe(1)
})

it('starts in the browser where there is no screen', async () => {
  const { stdout, stderr } = await launch(['start'])
  expect(stdout).toBe('["serve","--open"]\n')
  expect(stderr).toContain(
    'No Electron window: there is no screen (DISPLAY is not set). The workbench opens in the browser instead.',
  )
})

it('starts the Electron it is given, on the checkout', async () => {
  const dist = path.join(checkout, 'electron-dist')
  fs.mkdirSync(dist)
  const program = `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(2)))`
  fs.writeFileSync(path.join(dist, 'electron'), program, { mode: 0o755 })
  const { code, stdout } = await launch(['start'], { DISPLAY: ':9', ELECTRON_OVERRIDE_DIST_PATH: dist })
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  expect([code, JSON.parse(stdout)]).toEqual([0, [...flags, checkout]])
})

it('tries to get Electron once a day, and opens the browser meanwhile', async () => {
  const electron = path.join(checkout, 'node_modules/electron')
  fs.mkdirSync(electron)
  fs.writeFileSync(path.join(electron, 'package.json'), JSON.stringify({ version: '45.4.1' }))
  fs.writeFileSync(
    path.join(electron, 'install.js'),
    "require('fs').appendFileSync('tries', 'x'); process.exit(1)",
  )
  const first = await launch(['start'], { DISPLAY: ':9' })
  expect(first.stderr).toContain(
    'Getting Electron 45.4.1\nNo Electron window: Electron 45.4.1 could not be downloaded.',
  )
  const second = await launch(['start'], { DISPLAY: ':9' })
  expect(second.stderr).toContain('(tried within the last day; to try again: npx install-electron)')
  expect(second.stdout).toBe('["serve","--open"]\n')
  expect(fs.readFileSync(path.join(checkout, 'tries'), 'utf8')).toBe('x')
})

const isRoot = process.getuid?.() === 0

/** For root every folder can be written; then another user starts the lab. */
function closeToWriting(...folders: string[]) {
  for (const folder of folders) fs.chmodSync(path.join(checkout, folder), 0o555)
  return isRoot ? { uid: 65534 } : {}
}

it.skipIf(process.platform === 'win32')('says in one line that a checkout cannot be written', async () => {
  const user = closeToWriting('.', 'node_modules')
  const { code, stdout, stderr } = await launch(['presets'], {}, user)
  fs.chmodSync(checkout, 0o755)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(
    /^The checkout in .* has to be set up, and cannot be written: EACCES.*\. Make it writable and give it room, or .*\n$/,
  )
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

it.skipIf(process.platform === 'win32')('needs to write nothing where all is current', async () => {
  await launch(['presets'])
  const user = closeToWriting('.', 'node_modules', 'out', '.cache')
  const { code, stdout, stderr } = await launch(['presets'], {}, user)
  fs.chmodSync(checkout, 0o755)
  expect([code, stdout, stderr]).toEqual([0, '["presets"]\n', ''])
})

it('says in one line that something has the name of a folder that it needs', async () => {
  fs.writeFileSync(path.join(checkout, '.cache'), '')
  const { code, stderr } = await launch(['presets'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^The checkout in .* cannot be written: E[A-Z]+: .*\n$/)
})

// The build starts a child, as npm and bundlers do, which does not end when it is asked to.
const FAMILY = `
const { spawn } = require('child_process')
const child = spawn(process.execPath,
  ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send('ready')"],
  { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
child.on('message', () => require('fs').writeFileSync('family', process.pid + ' ' + child.pid))
`

it.skipIf(process.platform === 'win32').each([
  ['SIGTERM', 143],
  ['SIGINT', 130],
  ['SIGHUP', 129],
] as const)('%s while it builds leaves nothing at work, and no build', async (signal, code) => {
  fs.writeFileSync(path.join(checkout, 'node_modules/electron-vite/bin/electron-vite.js'), FAMILY)
  fs.mkdirSync(path.join(checkout, 'out'))
  fs.writeFileSync(path.join(checkout, 'out/.residual-lab-build'), 'of other sources')
  const child = spawn(process.execPath, [path.join(checkout, 'bin/residual-lab.mjs'), 'presets'], {
    stdio: 'ignore',
  })
  const family = path.join(checkout, 'family')
  await expect.poll(() => fs.existsSync(family), { timeout: 20_000 }).toBe(true)
  const pids = fs.readFileSync(family, 'utf8').split(' ').map(Number)
  expect(pids.map(isAlive)).toEqual([true, true])
  child.kill(signal)
  expect(await once(child, 'exit')).toEqual([code, null])
  await expect.poll(() => pids.map(isAlive)).toEqual([false, false])
  expect(fs.existsSync(path.join(checkout, 'out/.residual-lab-build'))).toBe(false)
})
