import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { extractFile, getRawHeader, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { encodeLink } from '../../shared/block/link'
import { presetNamed } from '../../shared/block/presets'
import { byId, finished, state } from '../e2e/checks'
import { openDisplay, type Display } from '../electron/display'
import { Installed } from './installed'

// Started by bin/test-packages.mjs, which makes the packages, in a network of its own that leads nowhere.

const folder = process.env.RESIDUAL_LAB_PACKAGES!
const ON = '1'.charCodeAt(0)
const OFF = '0'.charCodeAt(0)

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-packages-'))
let display: Display

beforeAll(async () => {
  fs.chmodSync(scratch, 0o755)
  display = await openDisplay()
})
afterAll(() => {
  display?.close()
  fs.rmSync(scratch, { recursive: true, force: true })
})

/** The package of that kind. @param full the one that carries TensorFlow's library */
const made = (ending: string, full = false) => {
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(ending))
  const found = names.filter((name) => name.startsWith('residual-lab-full-') === full)
  expect(found).toHaveLength(1)
  expect(found[0]).toContain('-test.electron22-')
  return path.join(folder, found[0]!)
}
const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, {
    cwd: scratch,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 2 ** 26,
  })

/** Where a person starts the program, the executable that this leads to, and how it is taken away again. */
interface Place {
  program: string
  executable: string
  remove(): void
}

function unpackArchive(full = false): Place {
  const unpacked = path.join(scratch, full ? 'full' : 'plain')
  fs.mkdirSync(unpacked)
  run('tar', 'xzf', made('.tar.gz', full), '-C', unpacked, '--strip-components=1')
  const program = path.join(unpacked, 'residual-lab')
  return { program, executable: program, remove: () => fs.rmSync(unpacked, { recursive: true }) }
}

function extractAppImage(): Place {
  run(made('.AppImage'), '--appimage-extract')
  const unpacked = path.join(scratch, 'squashfs-root')
  // Whoever extracts an image gets its folders for themselves alone.
  run('chmod', '-R', 'a+rX', unpacked)
  return {
    program: path.join(unpacked, 'AppRun'),
    executable: path.join(unpacked, 'residual-lab'),
    remove: () => fs.rmSync(unpacked, { recursive: true }),
  }
}

/** dpkg does not wait while another one (an update of the system, say) has its lock. */
function whenUnlocked(work: () => void): void {
  for (let tries = 60; ; tries--) {
    try {
      return work()
    } catch (error) {
      if (tries === 0 || !String(error).includes('lock was locked by another process')) throw error
      run('sleep', '1')
    }
  }
}

function install(): Place {
  whenUnlocked(() => run('dpkg', '--install', made('.deb')))
  const program = '/usr/bin/residual-lab'
  const remove = () => void whenUnlocked(() => run('dpkg', '--purge', 'residual-lab'))
  return { program, executable: fs.realpathSync(program), remove }
}

describe.each([
  ['tar.gz', () => unpackArchive()],
  ['AppImage', extractAppImage],
  ['deb', install],
])('%s', (kind, prepare) => {
  let place: Place
  let installed: Installed | undefined
  beforeAll(() => {
    place = prepare()
  })
  afterEach(() => installed?.remove())
  afterAll(() => {
    if (place && fs.existsSync(place.program)) place.remove()
  })

  test('the executable refuses what it need not do', async () => {
    expect(await getCurrentFuseWire(place.executable)).toMatchObject({
      [FuseV1Options.RunAsNode]: OFF,
      [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: OFF,
      // On in a test build alone: Playwright steers the main process through it.
      [FuseV1Options.EnableNodeCliInspectArguments]: ON,
      [FuseV1Options.OnlyLoadAppFromAsar]: ON,
      [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: ON,
    })
  })

  test('licences ship, tests do not, and no code lies beside the archive', () => {
    const resources = path.join(path.dirname(place.executable), 'resources')
    expect(fs.readdirSync(resources).filter((name) => /unpacked|runtime|\.node$|\.so\b/.test(name))).toEqual(
      [],
    )
    checkContents(resources)
  })

  test('it says from a terminal that there is no library of TensorFlow', () => {
    installed = new Installed(place.program, path.dirname(place.executable), display.name!)
    const told = JSON.parse(installed.run(place.program, '--disable-gpu', 'runtime', 'status', '--json'))
    expect(told).toMatchObject({
      version: 1,
      library: null,
      problem: "TensorFlow's library is not installed.",
    })
  })

  test('it exports from a terminal, and opens again what it has written', () => {
    const person = (installed = new Installed(place.program, path.dirname(place.executable), display.name!))
    const data = path.join(person.home, '.local', 'share', 'residual-lab')
    // A run of another machine's: measured networks are drawn again from their seed.
    const lab = path.join('bin', 'residual-lab.mjs')
    const measured = [
      'signal',
      '--blocks',
      '2',
      '--width',
      '8',
      '--replicas',
      '1',
      '--keep',
      '--name',
      'sent',
    ]
    execFileSync(process.execPath, [lab, ...measured], { env: { ...process.env, RESIDUAL_LAB_DATA: data } })
    run('chown', '-R', '--reference', person.home, path.join(person.home, '.local'))
    for (const [format, difference] of [
      ['keras', 0],
      ['onnx', 1e-5],
    ] as const) {
      const out = path.join(person.home, `sent.${format}`)
      const told = JSON.parse(
        person.run(
          place.program,
          '--disable-gpu',
          'export',
          'sent',
          '--format',
          format,
          '--out',
          out,
          '--json',
        ),
      ) as { exports: { proof: { relativeDifference: number } }[] }
      expect(told.exports[0].proof.relativeDifference).toBeLessThanOrEqual(difference)
      expect(fs.statSync(out).size).toBeGreaterThan(0)
    }
  })

  test(
    'it compares, saves, opens by double click and by link, and quits, in an empty home without a network',
    { timeout: 240_000 },
    async () => {
      expect(Object.keys(os.networkInterfaces())).toEqual(['lo'])
      const person = (installed = new Installed(place.program, path.dirname(place.executable), display.name!))
      /** As a desktop does: through the package's own entry in its menus where there is one. */
      const openByDesktop = (what: string) => {
        if (kind === 'deb') return person.begin('gio', 'open', what)
        person.begin(
          place.program,
          '--disable-gpu',
          what.startsWith('/') ? `file://${encodeURI(what)}` : what,
        )
      }
      const { app, page, problems } = await person.open()
      const seed = byId(page, 'setting-seed')
      try {
        // There is no TensorFlow in an empty home, which is the first thing that is said.
        expect(await byId(page, 'library-missing').innerText()).toMatch(
          /tensorflow(-cpu)? 2\.21\.0, the Python wheel: \d+ MB to download, [\d.]+ [MG]B on the disk\./,
        )
        await byId(page, 'library-without').click()
        // The plain backend is slow.
        await byId(page, 'setting-width').fill('20')
        await byId(page, 'setting-replicas').fill('2')
        await finished(page)
        const finding = await byId(page, 'finding-forward').textContent()
        expect(finding).toMatch(/^none: .*after 20 \(theory 1\.05e6\)\..* batch norm: grows/)
        expect(await byId(page, 'device').innerText()).toContain('plain TensorFlow.js')
        expect(await byId(page, 'host-warning').count()).toBe(person.hasSandbox ? 0 : 1)
        expect(await app.evaluate(({ app }) => [app.getVersion(), app.isPackaged])).toEqual([
          expect.stringMatching(/^\d+\.\d+\.\d+-test\.electron22$/),
          true,
        ])

        const file = path.join(person.home, 'my experiment.reslab')
        await app.evaluate(({ dialog }, filePath) => {
          dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath, bookmark: '' })
        }, file)
        await seed.fill('77')
        await byId(page, 'save').click()
        await expect.poll(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8')).toContain('"seed": 77')

        await seed.fill('78')
        if (kind === 'deb')
          expect(person.run('gio', 'info', '-a', 'standard::content-type', file)).toContain(
            'application/x-residual-lab',
          )
        openByDesktop(file)
        await expect.poll(() => seed.inputValue(), { timeout: 30_000 }).toBe('77')

        openByDesktop(await encodeLink({ ...presetNamed('practical'), name: 'sent' }))
        await expect
          .poll(() => byId(page, 'offered-facts').innerText(), { timeout: 30_000 })
          .toBe('sent · 5 operations')
        await byId(page, 'offered-refuse').click()
        expect(problems).toEqual([])
      } finally {
        await app.close()
      }
      await expect.poll(() => person.processes(), { timeout: 15_000 }).toEqual([])

      const data = path.join(person.home, '.local', 'share', 'residual-lab')
      expect(fs.statSync(data).mode & 0o077).toBe(0)
      const workspace = JSON.parse(fs.readFileSync(path.join(data, 'workspace.json'), 'utf8'))
      expect(workspace.experiment).toMatchObject({ seed: 77, width: 20, replicas: 2 })
    },
  )

  if (kind !== 'deb') return

  test('the desktop knows its files and links', () => {
    const entry = '/usr/share/applications/residual-lab.desktop'
    run('desktop-file-validate', entry)
    const text = fs.readFileSync(entry, 'utf8')
    expect(text).toContain('MimeType=application/x-residual-lab;x-scheme-handler/residual-lab;')
    expect(text).toContain('StartupWMClass=residual-lab\n')
    expect(text).toMatch(/^Exec=.* %U$/m)
    const files = filesOfPackage()
    for (const size of [16, 32, 48, 256, 512])
      expect(files).toContain(`/usr/share/icons/hicolor/${size}x${size}/apps/residual-lab.png`)
    expect(files).toContain('/usr/share/doc/residual-lab/copyright')
    expect(run('gio', 'mime', 'x-scheme-handler/residual-lab')).toContain('residual-lab.desktop')
    expect(run('dpkg', '--verify', 'residual-lab')).toBe('')
  })

  test('it is removed whole', () => {
    const files = filesOfPackage().filter((file) => /residual[- ]lab/i.test(file))
    expect(files.length).toBeGreaterThan(50)
    place.remove()
    const links = ['/usr/bin/residual-lab', '/etc/alternatives/residual-lab', '/etc/apparmor.d/residual-lab']
    expect([...files, ...links].filter((file) => fs.existsSync(file))).toEqual([])
    expect(run('gio', 'mime', 'x-scheme-handler/residual-lab')).not.toContain('residual-lab.desktop')
    expect(fs.readFileSync('/usr/share/mime/globs', 'utf8')).not.toContain('reslab')
  })
})

describe('the full tar.gz, which carries TensorFlow’s library', () => {
  const missing = fs.readdirSync(folder).some((name) => name.startsWith('residual-lab-full-'))
    ? null
    : (process.env.RESIDUAL_LAB_NO_FULL ?? `there is none in ${folder}`)
  let place: Place
  let person: Installed
  beforeAll(() => {
    if (missing) return
    place = unpackArchive(true)
    person = new Installed(place.program, path.dirname(place.executable), display.name!)
  })
  afterAll(() => {
    person?.remove()
    place?.remove()
  })
  const resources = () => path.join(path.dirname(place.executable), 'resources')

  test('beside the archive lies what the record in the archive vouches for, with its licences', ({
    skip,
  }) => {
    if (missing) return skip(missing)
    checkContents(resources())
    const record = JSON.parse(
      extractFile(path.join(resources(), 'app.asar'), 'runtime/library.json').toString(),
    ) as { files: Record<string, { sha256: string }> }
    const carried = fs.readdirSync(path.join(resources(), 'runtime'), { recursive: true, encoding: 'utf8' })
    const files = carried.filter((name) => fs.statSync(path.join(resources(), 'runtime', name)).isFile())
    expect(files.sort()).toEqual(Object.keys(record.files).sort())
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'THIRD_PARTY_NOTICES.txt']))
    expect(Object.values(record.files).every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256))).toBe(true)
  })

  test('runtime verify reads every file of it', { timeout: 120_000 }, ({ skip }) => {
    if (missing) return skip(missing)
    const told = JSON.parse(person.run(place.program, '--disable-gpu', 'runtime', 'verify', '--json'))
    expect(told).toMatchObject({
      problem: null,
      library: { source: 'application', path: path.join(resources(), 'runtime', 'lib'), version: '2.21.0' },
      checked: { files: 5, unchecked: null },
    })
  })

  test(
    'it measures and trains on TensorFlow, and installs nothing',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (missing) return skip(missing)
      const { app, page, problems } = await person.open()
      try {
        await finished(page)
        expect(await byId(page, 'device').innerText()).toContain('TensorFlow 2.21')
        expect(await byId(page, 'finding-forward').textContent()).toContain('doubles every block')
        await byId(page, 'tab-train').click()
        await byId(page, 'setting-steps').fill('6')
        await byId(page, 'play').click()
        await state(page, 'training')
        await finished(page)
        expect(Number(await byId(page, 'scrubber').getAttribute('max'))).toBeGreaterThan(0)
        expect(problems).toEqual([])
      } finally {
        await app.close()
      }
      await expect.poll(() => person.processes(), { timeout: 15_000 }).toEqual([])
      expect(fs.existsSync(path.join(person.home, '.cache', 'residual-lab'))).toBe(false)
    },
  )

  test('an exchanged library is told by its hash', { timeout: 120_000 }, ({ skip }) => {
    if (missing) return skip(missing)
    const file = path.join(resources(), 'runtime', 'lib', 'libtensorflow_framework.so.2')
    const descriptor = fs.openSync(file, 'r+')
    fs.writeSync(descriptor, Buffer.from([1]), 0, 1, 1_000_000)
    fs.closeSync(descriptor)
    const ended = person.end(place.program, '--disable-gpu', 'runtime', 'verify')
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(`The installed library is damaged: ${file} is not what was installed.`)
  })
})

/** What every package holds, and what none does. */
function checkContents(resources: string) {
  const archive = path.join(resources, 'app.asar')
  expect(JSON.stringify(getRawHeader(archive).header)).not.toContain('"unpacked":true')
  const names = listPackage(archive, { isPack: false })
  expect(names.filter((name) => /_test\.js$|run_tests|\/notices\//.test(name))).toEqual([])
  expect(names).toContain('/out/main/index.cjs')
  const read = (name: string) => fs.readFileSync(path.join(resources, name), 'utf8')
  expect(read('LICENSE.txt')).toBe(fs.readFileSync('LICENSE', 'utf8'))
  for (const part of [
    'svelte 5.',
    'chart.js 4.',
    '@tensorflow/tfjs 4.',
    'Apache-2.0',
    'h5wasm 0.',
    'Microsoft',
  ])
    expect(read('THIRD-PARTY-NOTICES.txt')).toContain(part)
  const beside = fs.readdirSync(path.dirname(resources))
  expect(beside).toEqual(expect.arrayContaining(['LICENSE.electron.txt', 'LICENSES.chromium.html']))
}

const filesOfPackage = () => run('dpkg', '--listfiles', 'residual-lab').split('\n').filter(Boolean)
