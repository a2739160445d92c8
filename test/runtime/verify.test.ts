import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import {
  ensureTensorFlow,
  explainRuntime,
  installRuntime,
  runtimeStatus,
  useRuntime,
} from '../../main/runtime'
import { runtimeCommand, type RuntimeArguments } from '../../main/runtime/cli'
import { fakes, temporary, type Fakes } from './fakes'

/** The command as a shell runs it, progress left aside. */
async function command(lab: Fakes, args: Partial<RuntimeArguments>, env = {}) {
  const out = { stdout: '', stderr: '' }
  const io = {
    stdout: { write: (text: string) => void (out.stdout += text) },
    stderr: { write: (text: string) => void (out.stderr += text) },
  }
  const code = await runtimeCommand({ action: 'verify', json: false, ...args }, io, lab.options({}, env))
  return { code, stdout: out.stdout, line: out.stderr.trim().split('\n').pop()!, stderr: out.stderr }
}

async function installed() {
  const lab = fakes()
  const library = await installRuntime(lab.options())
  const folder = path.dirname(library.path)
  return { lab, folder, core: path.join(library.path, 'libtensorflow_cc.so.2') }
}

/** One byte in the middle, so that size, start and end stay. */
function alter(file: string) {
  const bytes = fs.readFileSync(file)
  bytes[bytes.length >> 1]! ^= 1
  fs.writeFileSync(file, bytes)
}

const halve = (file: string) => fs.truncateSync(file, fs.statSync(file).size >> 1)
const REPAIR = 'Run `npx residual-lab runtime install` to repair it.'

describe('what was installed is known by size and hash', () => {
  it('of every file', async () => {
    const { folder } = await installed()
    const { files } = JSON.parse(fs.readFileSync(path.join(folder, 'library.json'), 'utf8'))
    expect(Object.keys(files).sort()).toEqual([
      'LICENSE',
      'THIRD_PARTY_NOTICES.txt',
      'binding/tfjs_binding.node',
      'include/tensorflow/c/eager/c_api.h',
      'lib/libtensorflow_cc.so.2',
      'lib/libtensorflow_framework.so.2',
    ])
    expect(files['binding/tfjs_binding.node']).toEqual({
      bytes: 7,
      sha256: '80f70afeef3caa57646fd20afb95be9c3f2c03d38e091906de31838813dcc22e',
    })
  })

  it('and verify says so', async () => {
    const { lab } = await installed()
    expect(await command(lab, {})).toMatchObject({
      code: 0,
      stdout: 'TensorFlow 2.21.0: 6 files, 11 kB, all as they were installed.\n',
    })
    const { code, stdout } = await command(lab, { json: true })
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { version: 1, problem: null, checked: { files: 6, unchecked: null } },
    ])
  })

  it('nothing installed is no success', async () => {
    expect(await command(fakes(), {})).toMatchObject({
      code: 1,
      stdout: '',
      line: "TensorFlow's library is not installed. Run `npx residual-lab runtime install`.",
    })
  })
})

describe('damage', () => {
  const cases: [string, (file: string) => void, string, (file: string) => string][] = [
    [
      'a cut library',
      halve,
      'lib/libtensorflow_cc.so.2',
      (file) => `damaged: ${file} has 5500 bytes instead of 11000.`,
    ],
    [
      'an empty library',
      (file) => fs.truncateSync(file),
      'lib/libtensorflow_framework.so.2',
      (file) => `damaged: ${file} has 0 bytes instead of 13.`,
    ],
    [
      'a cut binding',
      halve,
      'binding/tfjs_binding.node',
      (file) => `damaged: ${file} has 3 bytes instead of 7.`,
    ],
    [
      'a missing library',
      (file) => fs.rmSync(file),
      'lib/libtensorflow_cc.so.2',
      (file) => `incomplete: ${file} is missing.`,
    ],
    [
      'a missing header',
      (file) => fs.rmSync(file),
      'include/tensorflow/c/eager/c_api.h',
      (file) => `incomplete: ${file} is missing.`,
    ],
    [
      'an altered library',
      alter,
      'lib/libtensorflow_cc.so.2',
      (file) => `damaged: ${file} is not what was installed.`,
    ],
    [
      'an altered binding',
      alter,
      'binding/tfjs_binding.node',
      (file) => `damaged: ${file} is not what was installed.`,
    ],
  ]

  it.each(cases)('%s is named, and repaired by install', async (_name, damage, inside, what) => {
    const { lab, folder } = await installed()
    const file = path.join(folder, inside)
    damage(file)
    expect(await command(lab, {})).toMatchObject({
      code: 1,
      stdout: '',
      line: `The installed library is ${what(file)} ${REPAIR}`,
    })
    const { code, stdout } = await command(lab, { json: true })
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { problem: `The installed library is ${what(file)}`, hint: REPAIR },
    ])
    expect(await command(lab, { action: 'install' })).toMatchObject({ code: 0 })
    expect(lab.downloads()).toHaveLength(2)
    expect(await command(lab, {})).toMatchObject({ code: 0 })
  })

  it('of a size is noticed at every start, and what cannot be repaired then is told', async () => {
    const { lab, core } = await installed()
    halve(core)
    expect((await runtimeStatus(lab.options())).library).toBeNull()
    const { library, reason, hint } = await ensureTensorFlow(
      undefined,
      lab.options({}, { FAKE_PIP: 'offline' }),
    )
    expect(library).toBeNull()
    expect(reason).toBe(
      `The installed library is damaged: ${core} has 5500 bytes instead of 11000. It could not be repaired: The ` +
        'Python package index could not be reached, so tensorflow-cpu 2.21.0 could not be downloaded.',
    )
    expect(hint).toContain('Connect to the network')
    expect((await ensureTensorFlow(undefined, lab.options())).library).not.toBeNull()
  })

  it('that cannot even begin to be repaired is told with the reason', async () => {
    const { lab, core } = await installed()
    halve(core)
    fs.rmSync(path.join(lab.folder, 'bin/g++'))
    expect((await command(lab, { action: 'install' })).line).toMatch(
      /^The installed library is damaged: .*\. It could not be repaired: No C\+\+ compiler .* was found; .*apt-get/,
    )
  })

  it('a repair that fails leaves what there is', async () => {
    const { lab, core } = await installed()
    alter(core)
    const { code, line } = await command(lab, { action: 'install' }, { FAKE_PIP: 'offline' })
    expect(code).toBe(1)
    expect(line).toContain(`${core} is not what was installed. It could not be repaired: `)
    expect((await runtimeStatus(lab.options())).library).not.toBeNull()
  })

  it.each(['{"libraries": ["a"], "platform": "linux-x64", "files": {"a": null}}', '{"half', '[]', 'null'])(
    'a record that says %s is repaired, too',
    async (text) => {
      const { lab, folder } = await installed()
      fs.writeFileSync(path.join(folder, 'library.json'), text)
      expect((await command(lab, {})).line).toMatch(
        /^The record of the installed library in .* cannot be read\./,
      )
      expect(await command(lab, { action: 'install' })).toMatchObject({ code: 0 })
      expect(await command(lab, {})).toMatchObject({ code: 0 })
    },
  )
})

describe('install', () => {
  it('reads what is there, and gets nothing where all is right', async () => {
    const { lab } = await installed()
    lab.progress.length = 0
    await installRuntime(lab.options())
    expect(lab.progress.at(-1)).toMatchObject({ stage: 'checking', done: 11_040, total: 11_040 })
    expect(lab.downloads()).toHaveLength(1)
  })

  it('--force gets it anew', async () => {
    const { lab } = await installed()
    expect(await command(lab, { action: 'install', force: true })).toMatchObject({ code: 0 })
    expect(lab.downloads()).toHaveLength(2)
  })

  it('a library of an earlier version, without hashes, is tried and gets them', async () => {
    const { lab, folder } = await installed()
    const record = path.join(folder, 'library.json')
    const { files, ...old } = JSON.parse(fs.readFileSync(record, 'utf8'))
    fs.writeFileSync(record, JSON.stringify(old))
    expect(await command(lab, {})).toMatchObject({
      code: 0,
      stdout:
        'An earlier version installed it without hashes: `npx residual-lab runtime install` takes them.\n',
    })
    await installRuntime(lab.options())
    expect(JSON.parse(fs.readFileSync(record, 'utf8'))).toEqual({ ...old, files })
    expect(lab.downloads()).toHaveLength(1)

    fs.writeFileSync(record, JSON.stringify(old))
    const crashes = lab.options({ runCheck: () => Promise.resolve({ code: null, output: '' }) })
    await expect(installRuntime(crashes)).rejects.toThrow(
      /^TensorFlow's library does not work here: .*could not be/,
    )
  })
})

describe('install --from', () => {
  it('takes a wheel in a file, without pip or network, and leaves it there', async () => {
    const lab = fakes({ python: false })
    expect(await command(lab, { action: 'install', from: lab.wheel })).toMatchObject({ code: 0 })
    expect(fs.existsSync(lab.wheel)).toBe(true)
    expect(await command(lab, {})).toMatchObject({ code: 0 })
    // Whatever is there: the file was named.
    const before = (await runtimeStatus(lab.options())).library
    await command(lab, { action: 'install', from: lab.wheel })
    expect((await runtimeStatus(lab.options())).library!.path).not.toBe(before!.path)
  })

  it('refuses any other file, and leaves what is in use', async () => {
    const { lab } = await installed()
    const before = (await runtimeStatus(lab.options())).library
    const altered = path.join(lab.folder, 'altered.whl')
    fs.copyFileSync(lab.wheel, altered)
    alter(altered)
    const short = path.join(lab.folder, 'short.whl')
    fs.writeFileSync(short, 'PK')
    const give = 'Give tensorflow_cpu-2.21.0-cp311-cp311-test.whl.'
    const cases = [
      [altered, `${altered} is not the wheel that the lab knows: its SHA-256 differs. ${give}`],
      [short, `${short} is not the wheel that the lab knows: its size differs. ${give}`],
      [lab.folder, `${lab.folder} is no file. ${give}`],
      [
        `${lab.folder}/none`,
        `${lab.folder}/none cannot be read (ENOENT: no such file or directory, stat '${lab.folder}/none'). ${give}`,
      ],
    ]
    for (const [from, line] of cases)
      expect(await command(lab, { action: 'install', from })).toMatchObject({ code: 2, stdout: '', line })
    expect((await runtimeStatus(lab.options())).library).toEqual(before)
  })
})

describe('an installation of the user', () => {
  async function linked() {
    const lab = fakes()
    const site = path.join(temporary(), 'tensorflow')
    fs.mkdirSync(path.join(site, 'include/tensorflow/c/eager'), { recursive: true })
    fs.mkdirSync(path.join(site, '../tensorflow-2.21.0.dist-info'))
    for (const name of [
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'include/tensorflow/c/eager/c_api.h',
    ])
      fs.writeFileSync(path.join(site, name), name)
    const library = await useRuntime(site, lab.options())
    return { lab, site, library }
  }

  it('has no hashes of ours: what can be checked is, and the rest is said', async () => {
    const { lab, site, library } = await linked()
    expect(await command(lab, {})).toMatchObject({
      code: 0,
      stdout:
        'TensorFlow 2.21.0: 1 file, 1 kB, all as they were installed. ' +
        `Its libraries are your own, in ${site}: of them the lab has sizes, and no hashes.\n`,
    })
    alter(library.bindingPath)
    expect(await command(lab, {})).toMatchObject({ code: 1 })
  })

  it('is used as it is now where the user has brought it up to date', async () => {
    const { lab, site } = await linked()
    fs.writeFileSync(path.join(site, 'libtensorflow_cc.so.2'), 'a newer one')
    expect((await command(lab, {})).line).toMatch(
      /^The TensorFlow installation at .* is gone or has changed\./,
    )
    expect((await ensureTensorFlow(undefined, lab.options())).library).toMatchObject({
      source: 'user',
      path: site,
    })
    expect(lab.downloads()).toEqual([])
    expect(await command(lab, {})).toMatchObject({ code: 0 })
  })
})

it('what is said of a library that does not run', async () => {
  const { lab, core } = await installed()
  expect(await explainRuntime(lab.options())).toBe(
    'Its files are as they were installed. Choose another with `npx residual-lab runtime use PATH`, or install it ' +
      'anew with `npx residual-lab runtime install --force`.',
  )
  alter(core)
  expect(await explainRuntime(lab.options())).toBe(
    `The installed library is damaged: ${core} is not what was installed. ${REPAIR}`,
  )
})

describe('a binding of an earlier making', () => {
  async function outdated() {
    const lab = fakes()
    const { path: lib, bindingPath } = await installRuntime(lab.options())
    const file = path.join(path.dirname(lib), 'library.json')
    const record = JSON.parse(fs.readFileSync(file, 'utf8'))
    fs.writeFileSync(bindingPath, 'before!')
    record.files['binding/tfjs_binding.node'] = {
      bytes: 7,
      sha256: createHash('sha256').update('before!').digest('hex'),
    }
    delete record.recipe
    fs.writeFileSync(file, JSON.stringify(record))
    return { lab, bindingPath }
  }

  it.each(['at a start', 'by install'])('is made anew %s, from what is installed', async (when) => {
    const { lab, bindingPath } = await outdated()
    const renew = async () =>
      when === 'at a start'
        ? (await ensureTensorFlow(undefined, lab.options())).library!
        : await installRuntime(lab.options())
    const library = await renew()
    expect(library.bindingPath).not.toBe(bindingPath)
    expect(fs.readFileSync(library.bindingPath, 'utf8')).toBe('binding')
    expect(library).toMatchObject({ version: '2.21.0', source: 'wheel', device: 'cpu', note: null })
    expect(fs.existsSync(path.join(library.path, '..', 'LICENSE'))).toBe(true)
    expect(lab.downloads()).toHaveLength(1)
    expect(await command(lab, {})).toMatchObject({ code: 0 })
    expect(await renew()).toEqual(library)
  })

  it('stays where the library is damaged, of which nothing is made and nothing fetched at a start', async () => {
    const { lab, bindingPath } = await outdated()
    fs.writeFileSync(bindingPath, 'altered')
    expect((await ensureTensorFlow(undefined, lab.options())).library!.bindingPath).toBe(bindingPath)
    expect(lab.downloads()).toHaveLength(1)
  })

  it('stays where it cannot be made anew', async () => {
    const { lab, bindingPath } = await outdated()
    const { library } = await ensureTensorFlow(undefined, lab.options({}, { FAKE_COMPILER: 'fails' }))
    expect(library!.bindingPath).toBe(bindingPath)
    // Each start would take as long in vain.
    const done = vi.fn()
    expect((await ensureTensorFlow(done, lab.options())).library!.bindingPath).toBe(bindingPath)
    expect(done).not.toHaveBeenCalled()
    fs.rmSync(path.join(lab.folder, 'bin/g++'))
    expect((await ensureTensorFlow(undefined, lab.options())).library!.bindingPath).toBe(bindingPath)
    expect((await installRuntime(lab.options())).bindingPath).toBe(bindingPath)
  })
})
