import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureTensorFlow, installRuntime, runtimeStatus, useRuntime } from '../../main/runtime'
import { fakes, temporary, WHEEL_FILES, type Fakes } from './fakes'

const failure = (
  promise: Promise<unknown>,
): Promise<{ message: string; hint: string; badInput: boolean; name: string }> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  )
const inRuntime = ({ cache }: Fakes) => fs.readdirSync(path.join(cache, 'runtime'))
const leftovers = (lab: Fakes) => inRuntime(lab).filter((name) => name.startsWith('tmp-') || name === 'lock')

describe('installing from the wheel', () => {
  it('unpacks what is needed, compiles, checks, and is found afterwards', async () => {
    const lab = fakes()
    expect(await runtimeStatus(lab.options())).toMatchObject({
      library: null,
      problem: "TensorFlow's library is not installed.",
      hint: 'Run `npx residual-lab runtime install`.',
    })
    const library = await installRuntime(lab.options())
    expect(library).toMatchObject({ version: '2.21.0', source: 'wheel', device: 'cpu', note: null })
    expect(fs.readdirSync(library.path).sort()).toEqual([
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
    ])
    const unpacked = fs.readFileSync(path.join(library.path, 'libtensorflow_cc.so.2'), 'utf8')
    expect(unpacked).toBe(WHEEL_FILES['tensorflow/libtensorflow_cc.so.2'])
    expect(fs.existsSync(path.join(library.path, '../include/tensorflow/core/framework/huge.h'))).toBe(false)
    expect((await runtimeStatus(lab.options())).library).toEqual(library)
    const stages = [...new Set(lab.progress.map(({ stage }) => stage))]
    expect(stages).toEqual(['locating', 'downloading', 'unpacking', 'compiling', 'checking', 'done'])
    // Neither the download nor anything half done stays.
    expect(leftovers(lab)).toEqual([])
    expect(fs.readdirSync(path.join(lab.cache, 'runtime', 'downloads'))).toEqual([])
  })

  it('does nothing when there is one, and installs anew with force, keeping one old one', async () => {
    const lab = fakes()
    const first = await installRuntime(lab.options())
    expect(await installRuntime(lab.options())).toEqual(first)
    expect(lab.downloads()).toHaveLength(1)
    const second = await installRuntime({ ...lab.options(), force: true })
    const third = await installRuntime({ ...lab.options(), force: true })
    expect(fs.existsSync(first.bindingPath)).toBe(false)
    expect(fs.existsSync(second.bindingPath)).toBe(true)
    expect((await runtimeStatus(lab.options())).library).toEqual(third)
  })

  it('uses the packaged binding without a compiler', async () => {
    const lab = fakes({ compiler: false })
    const binding = path.join(lab.folder, 'resources/binding/linux-x64-tf2.21.0')
    fs.mkdirSync(binding, { recursive: true })
    fs.writeFileSync(path.join(binding, 'tfjs_binding.node'), 'packaged')
    const library = await installRuntime(lab.options({ resourcesPath: path.join(lab.folder, 'resources') }))
    expect(fs.readFileSync(library.bindingPath, 'utf8')).toBe('packaged')
  })

  it('lets a second installation wait for the first and find its work done', async () => {
    const lab = fakes()
    const env = { FAKE_PIP: 'slow' }
    const both = await Promise.all([
      installRuntime(lab.options({}, env)),
      installRuntime(lab.options({}, env)),
    ])
    expect(both[0]).toEqual(both[1])
    expect(lab.downloads()).toHaveLength(1)
    const waiting = lab.progress.filter(({ message }) => message.startsWith('Waiting'))
    expect(waiting).toEqual([
      { stage: 'locating', message: `Waiting for another installation (process ${process.pid}) to finish` },
    ])
  })

  it('takes over the lock and removes the leftovers of a process that died', async () => {
    const lab = fakes()
    const runtime = path.join(lab.cache, 'runtime')
    fs.mkdirSync(path.join(runtime, 'lock'), { recursive: true })
    const host = (await import('node:os')).hostname()
    fs.writeFileSync(
      path.join(runtime, 'lock/owner.json'),
      JSON.stringify({ pid: 2 ** 22 + 1, host, token: 'x' }),
    )
    fs.mkdirSync(path.join(runtime, 'tmp-1-dead/lib'), { recursive: true })
    await installRuntime(lab.options())
    expect(leftovers(lab)).toEqual([])
  })
})

describe('a failed installation leaves the old library in use', () => {
  const cases: [string, object, Record<string, string>, string][] = [
    [
      'no network',
      {},
      { FAKE_PIP: 'offline' },
      'The Python package index could not be reached, so tensorflow-cpu 2.21.0 could not be downloaded.',
    ],
    [
      'no such version',
      {},
      { FAKE_PIP: 'absent' },
      'The Python package index has no tensorflow-cpu 2.21.0 for this machine (test).',
    ],
    [
      'no pip',
      {},
      { FAKE_PIP: 'none' },
      "Python's pip was not found; the lab downloads TensorFlow's library with it.",
    ],
    [
      'disk fills up',
      {},
      { FAKE_PIP: 'full' },
      'The disk filled up while tensorflow-cpu 2.21.0 was being downloaded.',
    ],
    [
      'wrong checksum',
      {},
      { FAKE_PIP: 'wrong' },
      'The downloaded tensorflow_cpu-2.21.0-cp311-cp311-test.whl does not have the expected checksum, so ' +
        'it is not used.',
    ],
    [
      'compiler fails',
      {},
      { FAKE_COMPILER: 'fails' },
      "g++ could not compile TensorFlow.js's native binding: quiet.cc:1:1: error: it does not like it",
    ],
    [
      'library does not load',
      {
        runCheck: () =>
          Promise.resolve({ code: 1, output: 'Error: libfoo.so.1: cannot open shared object file\n' }),
      },
      {},
      "TensorFlow's library does not work here: libfoo.so.1: cannot open shared object file.",
    ],
    [
      'loading crashes',
      { runCheck: () => Promise.resolve({ code: null, output: '' }) },
      {},
      "TensorFlow's library does not work here: the process that loaded it ended with code null.",
    ],
    [
      'it miscalculates',
      {
        runCheck: () =>
          Promise.resolve({
            code: 0,
            output: 'CHECK {"version":"2.21.0","gpu":false,"result":[19,22,43,51]}',
          }),
      },
      {},
      "TensorFlow's library does not work here: 2 x 2 product came out as 19,22,43,51.",
    ],
    [
      'no space',
      { freeBytes: () => Promise.resolve(3e6) },
      {},
      'Not enough disk space in CACHE: 50 MB are needed and 3 MB are free.',
    ],
  ]
  it.each(cases)('%s', async (_name, changes, env, message) => {
    const lab = fakes()
    const old = await installRuntime(lab.options())
    const error = await failure(installRuntime({ ...lab.options(changes, env), force: true }))
    expect(error.name).toBe('RuntimeError')
    expect(error.message).toBe(message.replace('CACHE', lab.cache))
    expect(error.hint).not.toBe('')
    expect(error.badInput).toBe(false)
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
    expect(leftovers(lab)).toEqual([])
  })

  it('cancelled in the middle of the download', async () => {
    const lab = fakes()
    const old = await installRuntime(lab.options())
    const stop = new AbortController()
    const { context } = lab.options({}, { FAKE_PIP: 'hang' })
    const started = Date.now()
    const error = await failure(
      installRuntime({
        context,
        force: true,
        signal: stop.signal,
        onProgress: ({ stage }) => void (stage === 'downloading' && setTimeout(() => stop.abort(), 300)),
      }),
    )
    expect(error.name).toBe('AbortError')
    expect(Date.now() - started).toBeLessThan(10_000)
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
    expect(leftovers(lab)).toEqual([])
    expect(fs.readdirSync(path.join(lab.cache, 'runtime', 'downloads'))).toEqual([])
  })

  it('keeps a verified download for the next attempt', async () => {
    const lab = fakes()
    await failure(installRuntime(lab.options({}, { FAKE_COMPILER: 'fails' })))
    await installRuntime(lab.options())
    expect(lab.downloads()).toHaveLength(1)
  })
})

describe('before anything is downloaded', () => {
  it('says that there is no compiler', async () => {
    const lab = fakes({ compiler: false })
    const error = await failure(installRuntime(lab.options()))
    expect(error.message).toBe(
      "No C++ compiler (g++ or clang++) was found; TensorFlow.js's native binding has to be compiled once.",
    )
    expect(error.hint).toContain('apt-get install g++')
    expect(lab.downloads()).toEqual([])
  })

  it('says that the cache folder cannot be written', async () => {
    const lab = fakes()
    fs.writeFileSync(lab.cache, 'a file where the folder should be')
    const error = await failure(installRuntime(lab.options()))
    expect(error.message).toMatch(/^The cache folder .* cannot be written: /)
    expect(error.hint).toContain('RESIDUAL_LAB_CACHE')
  })

  it('says that there is no library for a platform', async () => {
    const lab = fakes()
    const error = await failure(installRuntime(lab.options({ platform: 'win32' })))
    expect(error.message).toBe('TensorFlow publishes no library that the lab can use on win32-x64.')
  })

  it('gives a reason instead of throwing to those who can do without', async () => {
    const lab = fakes({ python: false })
    expect(await ensureTensorFlow(undefined, lab.options())).toEqual({
      library: null,
      reason: "Python's pip was not found; the lab downloads TensorFlow's library with it.",
      hint: expect.stringContaining('apt-get install python3-pip'),
    })
  })
})

describe('an installation of the user', () => {
  const python = (version: string, files = true) => {
    const site = path.join(temporary(), 'lib/python3.11/site-packages')
    fs.mkdirSync(path.join(site, 'tensorflow/include/tensorflow/c/eager'), { recursive: true })
    fs.mkdirSync(path.join(site, `tensorflow-${version}.dist-info`))
    fs.writeFileSync(path.join(site, 'tensorflow/__init__.py'), '')
    fs.writeFileSync(path.join(site, 'tensorflow/include/tensorflow/c/eager/c_api.h'), '')
    if (files) {
      for (const name of ['cc', 'framework'])
        fs.writeFileSync(path.join(site, `tensorflow/libtensorflow_${name}.so.2`), '')
    }
    return site
  }

  it.each(['', '../..', '../../bin', 'tensorflow'])(
    'is found from its site-packages, seen from %j',
    async (from) => {
      const lab = fakes()
      const site = python('2.21.0')
      fs.mkdirSync(path.join(site, '../../../bin'), { recursive: true })
      const given = path.resolve(site, from.startsWith('..') ? path.join('..', from) : from)
      const library = await useRuntime(given, lab.options())
      expect(library).toMatchObject({
        source: 'user',
        path: path.join(site, 'tensorflow'),
        version: '2.21.0',
      })
    },
  )

  it('leaves what is in use alone when it is of the wrong version', async () => {
    const lab = fakes()
    const old = await installRuntime(lab.options())
    for (const [version, files] of [
      ['2.8.4', true],
      ['3.0.0', true],
      ['1.15.0', false],
    ] as const) {
      const site = python(version, files)
      const error = await failure(useRuntime(site, lab.options()))
      expect(error.message).toBe(
        `TensorFlow ${version} in ${path.join(site, 'tensorflow')} is of the wrong version; the lab needs ` +
          '2.9 or newer, below 3.',
      )
      expect(error.badInput).toBe(true)
    }
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
  })

  it('is refused when the library itself tells a wrong version', async () => {
    const lab = fakes()
    const runCheck = () =>
      Promise.resolve({ code: 0, output: 'CHECK {"version":"2.4.0","gpu":false,"result":[19,22,43,50]}' })
    const error = await failure(useRuntime(python('2.21.0'), lab.options({ runCheck })))
    expect(error.message).toContain('TensorFlow 2.4.0 in ')
  })

  it('is missed when it is gone', async () => {
    const lab = fakes()
    const site = python('2.21.0')
    await useRuntime(site, lab.options())
    fs.rmSync(site, { recursive: true })
    expect(await runtimeStatus(lab.options())).toMatchObject({
      library: null,
      problem: `The TensorFlow installation at ${path.join(site, 'tensorflow')} is gone or has changed.`,
    })
  })

  it('must be readable: what keeps from it is said', async () => {
    const lab = fakes()
    // As a folder without permission is for anyone but root, whom tests may run as.
    const loop = path.join(lab.folder, 'loop')
    fs.symlinkSync(loop, loop)
    const error = await failure(useRuntime(loop, lab.options()))
    expect(error.message).toBe(`${loop} cannot be read (ELOOP).`)
  })

  it('must exist and hold a library', async () => {
    const lab = fakes()
    expect((await failure(useRuntime('/no/such/folder', lab.options()))).message).toBe(
      'There is nothing at /no/such/folder.',
    )
    const empty = temporary()
    const error = await failure(useRuntime(empty, lab.options()))
    expect(error.message).toBe(
      `No TensorFlow library in ${empty}: neither lib/libtensorflow.so nor tensorflow/libtensorflow_cc.so.2.`,
    )
    expect(error.badInput).toBe(true)
  })
})
