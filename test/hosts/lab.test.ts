import * as fs from 'node:fs'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FileDialogs, FrontEnd } from '../../main/hosts/lab/front-end'
import { createLab, type Lab, type LabOptions } from '../../main/hosts/lab/lab'
import { idOf, readOpenedFile } from '../../main/hosts/lab/opened-file'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { installRuntime } from '../../main/runtime'
import { presetNamed } from '../../shared/block/presets'
import type { LoadedWorkspace, Message, RequestBody, Replies } from '../../shared/protocol/protocol'
import { surroundings } from '../runtime/surroundings'
import { joined } from './joined'

let folder: string
let lab: Lab
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-lab-'))))
afterEach(async () => {
  await lab.close()
  vi.unstubAllEnvs()
  fs.rmSync(folder, { recursive: true, force: true })
})

/** A laboratory on a machine with nothing: no library, no way to get one. */
function start(options: Partial<LabOptions> = {}, frontEnd: FrontEnd = {}) {
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  lab = createLab({
    host: 'browser',
    spawn: nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs')),
    folder,
    runtime: { context },
    ...options,
  })
  void lab.start()
  return join(frontEnd)
}

const join = (frontEnd: FrontEnd = {}) => joined(lab, frontEnd)

/** All of them are cancelled. */
const noDialogs: FileDialogs = {
  chooseWheel: () => Promise.resolve(null),
  chooseArchive: () => Promise.resolve(null),
  chooseExport: () => Promise.resolve(null),
  chooseData: () => Promise.resolve(null),
  save: () => Promise.resolve(null),
  open: () => Promise.resolve(null),
}

const ready = (messages: Message[]) =>
  vi.waitFor(
    () => {
      const found = messages.find((m) => m.kind === 'notice' && m.type === 'trainer' && m.state === 'ready')
      if (!found) throw new Error('not ready')
      return found as Extract<Message, { type: 'trainer' }>
    },
    { timeout: 10_000, interval: 10 },
  )

test('without a library the laboratory opens all the same, and says why and what to do', async () => {
  const { messages, ask } = start()
  const { device } = await ready(messages)
  expect(device?.note).toContain('TensorFlow publishes no library that the lab can use')
  const status = await ask({ type: 'runtime.status' })
  expect(status).toMatchObject({ library: null, cacheFolder: path.join(folder, 'cache') })
  expect(status.problem).toBeTruthy()
  expect(status.hint).toBeTruthy()
})

test('hello says what the host is, and what the trainer does follows', async () => {
  const { messages, ask } = start()
  await ready(messages)
  messages.length = 0
  expect(await ask({ type: 'hello' })).toMatchObject({ host: 'browser', device: { name: 'CPU' } })
  await vi.waitFor(() =>
    expect(messages[1]).toMatchObject({ kind: 'notice', type: 'trainer', state: 'ready' }),
  )
})

test.each([101, 2_400, 500_000])(
  'a request nested %i deep is refused, and another one’s job goes on',
  async (depth) => {
    const { messages, ask, connection } = start()
    await ready(messages)
    connection.receive({ kind: 'request', id: 'long', body: { type: 'signal', experiment: { do: 'wait' } } })
    const nested = JSON.parse('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)) as Record<string, unknown>
    for (const type of ['signal', 'workspace.save'] as const) {
      const body = type === 'signal' ? { type, experiment: nested } : { type, document: nested }
      await expect(ask(body as RequestBody & { type: 'signal' })).rejects.toThrow(
        /^failed: .*nested more than 100 deep/,
      )
    }
    await ask({ type: 'control', job: 'long', action: 'stop' })
    expect(messages).toContainEqual(expect.objectContaining({ kind: 'reply', id: 'long' }))
  },
)

test('the page that asks without waiting for answers is told so, and others are answered', async () => {
  const { messages, connection, ask } = start()
  await ready(messages)
  for (let i = 0; i < 300; i++)
    connection.receive({ kind: 'request', id: `w${i}`, body: { type: 'signal', experiment: { do: 'wait' } } })
  const refused = messages.filter((m) => m.kind === 'error')
  expect(refused).toHaveLength(44)
  expect(refused[0]).toMatchObject({ id: 'w256', error: { reason: 'failed' } })
  await expect(ask({ type: 'hello' })).rejects.toThrow('Too much waits for an answer already.')

  const answers: Message[] = []
  const other = lab.connect((message) => answers.push(message))
  other.receive({ kind: 'request', id: '1', body: { type: 'hello' } })
  await vi.waitFor(() => expect(answers).toContainEqual(expect.objectContaining({ kind: 'reply', id: '1' })))
})

test.runIf(process.platform !== 'win32')('the data folder is closed to other users, old or new', async () => {
  const [old, fresh] = ['old', 'fresh'].map((name) => path.join(folder, name))
  fs.mkdirSync(old!)
  fs.chmodSync(old!, 0o755)
  for (const one of [old!, fresh!]) {
    const { ask } = start({ folder: one })
    const block = presetNamed('practical') as unknown as Record<string, unknown>
    await ask({ type: 'library.save', block, replace: null })
    expect(fs.statSync(one).mode & 0o777).toBe(0o700)
    await lab.close()
  }
})

test('a page cannot have a library loaded that it names: what is in it would run as the user', async () => {
  const { messages, ask } = start()
  await ready(messages)
  messages.length = 0
  const library = path.join(folder, 'lib')
  fs.mkdirSync(library)
  fs.writeFileSync(path.join(library, 'libtensorflow.so.2'), '')
  const body = { type: 'runtime.use', path: library } as unknown as RequestBody & { type: 'hello' }
  await expect(ask(body)).rejects.toThrow(/^failed: Unknown message: /)
  expect(messages.filter((m) => m.kind === 'notice')).toEqual([])
})

test('a damaged workspace is reported, and what is saved next is loaded', async () => {
  fs.writeFileSync(path.join(folder, 'workspace.json'), '{"half')
  const { ask } = start()
  expect((await ask({ type: 'workspace.load' })).problem).toContain('workspace.json.corrupt-1')
  await ask({ type: 'workspace.save', document: { seed: 3 } })
  expect(await ask({ type: 'workspace.load' })).toMatchObject({ document: { seed: 3 }, problem: null })
})

test('two front ends: the one that saves late is told, the other hears of it, and both are kept', async () => {
  const { ask, messages } = start()
  const heard: Message[] = []
  const other = lab.connect((message) => heard.push(message))
  const otherAsks = (id: string, body: RequestBody) => {
    other.receive({ kind: 'request', id, body })
    return vi.waitFor(() => {
      const found = heard.find((m) => m.kind === 'reply' && m.id === id)
      return (found as unknown as { value: Replies['workspace.save'] }).value
    })
  }
  const first = await ask({ type: 'workspace.save', document: { n: 1 }, base: null })
  expect(heard).toContainEqual({ kind: 'notice', type: 'workspace', revision: first.revision })
  const { revision } = (await otherAsks('a', { type: 'workspace.load' })) as unknown as LoadedWorkspace
  expect(revision).toBe(first.revision)
  await otherAsks('b', { type: 'workspace.save', document: { n: 2 }, base: revision })
  const late = { type: 'workspace.save' as const, document: { n: 3 } }
  expect(await ask({ ...late, base: first.revision })).toEqual({ revision: null, kept: null })
  const mine = await ask({ type: 'workspace.keep', document: { n: 3 } })
  expect(JSON.parse(fs.readFileSync(mine.path, 'utf8'))).toEqual({ n: 3 })
  const over = await ask(late)
  expect(JSON.parse(fs.readFileSync(over.kept!, 'utf8'))).toEqual({ n: 2 })
  expect(messages).not.toContainEqual(expect.objectContaining({ type: 'workspace', revision: over.revision }))
})

test('saves that one front end sends before it hears of the last are its own, one after the other', async () => {
  const { ask } = start()
  const save = (n: number, base: string | null) => ask({ type: 'workspace.save', document: { n }, base })
  const [one, two] = await Promise.all([save(1, null), save(2, null)])
  const [three, four] = await Promise.all([save(3, one.revision), save(4, two.revision)])
  expect([one, two, three, four].map(({ revision }) => revision)).not.toContain(null)
  expect((await ask({ type: 'workspace.load' })).document).toEqual({ n: 4 })
})

test('closing waits for the last save', async () => {
  const { connection } = start()
  connection.receive({ kind: 'request', id: 'last', body: { type: 'workspace.save', document: { seed: 4 } } })
  connection.close()
  await lab.close()
  expect(fs.readFileSync(path.join(folder, 'workspace.json'), 'utf8')).toBe('{"seed":4}')
})

test('files go through the host’s dialogs', async () => {
  const saved: unknown[] = []
  const files: FileDialogs = {
    ...noDialogs,
    save: async (request) => {
      saved.push(request)
      return '/saved'
    },
    open: () => Promise.reject(new Error('/x could not be opened (gone). Choose another.')),
  }
  const { ask } = start({}, { files })
  const request = { type: 'file.save', name: 'a.json', encoding: 'text', content: '{}' } as const
  expect(await ask(request)).toEqual({ path: '/saved', id: expect.stringMatching(/^[0-9a-f]{16}$/) })
  expect(saved).toEqual([request])
  await expect(ask({ type: 'file.open' })).rejects.toThrow(
    'failed: /x could not be opened (gone). Choose another.',
  )
})

test('a dialog that is cancelled saves nothing', async () => {
  const { ask } = start({}, { files: noDialogs })
  const request = { type: 'file.save', name: 'a.json', encoding: 'text', content: '{}' } as const
  expect(await ask(request)).toEqual({ path: null })
  expect(await ask({ type: 'file.open' })).toBeNull()
})

test('each window has its own workspace, and hears only of changes of its own', async () => {
  const first = start({}, { workspace: 1 })
  const second = join({ workspace: 2 })
  const tab = join()
  await first.ask({ type: 'workspace.save', document: { view: 1 } })
  await second.ask({ type: 'workspace.save', document: { view: 2 } })
  expect(await first.ask({ type: 'workspace.load' })).toMatchObject({ document: { view: 1 } })
  expect(await second.ask({ type: 'workspace.load' })).toMatchObject({ document: { view: 2 } })
  const notices = ({ messages }: { messages: Message[] }) =>
    messages.filter((one) => one.kind === 'notice' && one.type === 'workspace')
  // A browser’s tab shows what the first window shows.
  expect([first, second, tab].map((one) => notices(one).length)).toEqual([0, 0, 1])
})

test('what a window is told of its work, and asks of other windows, concerns it alone', async () => {
  const told: unknown[] = []
  start()
  const window = join({
    onWork: (...work) => told.push(work),
    openWindow: () => Promise.reject(new Error('No more windows can be open at once.')),
  })
  await window.ask({ type: 'window.work', fraction: 0.5, ended: null })
  expect(told).toEqual([[0.5, null]])
  await expect(window.ask({ type: 'window.new' })).rejects.toThrow('failed: No more windows can be open')
  await expect(join().ask({ type: 'window.new' })).rejects.toThrow('open the page in another tab')
})

test('the page opens recent files by what the host has called them, and no path', async () => {
  const file = path.join(folder, 'mine.json')
  fs.writeFileSync(file, '{"seed":1}')
  const files: FileDialogs = { ...noDialogs, open: async () => readOpenedFile(file) }
  const { ask } = start({}, { files })
  const { id } = (await ask({ type: 'file.open' }))!
  await ask({ type: 'recent.remember', file: id, kind: 'experiment' })
  expect(await ask({ type: 'recent.list' })).toMatchObject([{ id, name: 'mine.json', isMissing: false }])
  expect(await ask({ type: 'recent.open', file: id })).toEqual({ id, path: file, text: '{"seed":1}' })
  for (const other of [file, '/etc/passwd', idOf('/etc/passwd'), '../mine.json']) {
    await expect(ask({ type: 'recent.open', file: other })).rejects.toThrow('input: file: this one is not in')
    await expect(ask({ type: 'recent.remember', file: other, kind: 'block' })).rejects.toThrow('input: file')
  }
  await ask({ type: 'recent.remove', file: id })
  expect(await ask({ type: 'recent.list' })).toEqual([])
})

test('a damaged library: the plain backend computes meanwhile, and the page repairs it', async () => {
  vi.stubEnv('FIXTURE_DIES', 'of its library')
  vi.stubEnv('FIXTURE_GPU', 'refused')
  const runtime = surroundings(path.join(folder, 'machine')).options()
  const core = path.join((await installRuntime(runtime)).path, 'libtensorflow_cc.so.2')
  fs.writeFileSync(core, fs.readFileSync(core, 'utf8').replace('library', 'virrary'))
  const { messages, ask } = start({ runtime })
  const { device } = await ready(messages)
  expect(device?.note).toBe(
    'TensorFlow ended 3 times in a row as soon as it was started (signal SIGSEGV). The installed library is damaged: ' +
      `${core} is not what was installed. Run \`npx residual-lab runtime install\` to repair it. There is no GPU.`,
  )
  await ask({ type: 'signal', experiment: { do: 'answer' } })

  vi.stubEnv('FIXTURE_DIES', '')
  messages.length = 0
  expect(await ask({ type: 'runtime.install' })).toMatchObject({
    problem: null,
    library: { version: '2.21.0' },
  })
  expect((await ready(messages)).device?.note).toBeNull()
})

describe('TensorFlow’s library, where there is none', () => {
  const machine = () => surroundings(path.join(folder, 'machine'))

  test('nothing is fetched before somebody says so; how large it is, is said', async () => {
    const fakes = machine()
    const { messages, ask } = start({ runtime: fakes.options() })
    const { device } = await ready(messages)
    expect(device?.note).toContain("TensorFlow's library is not installed.")
    expect(fakes.downloads()).toEqual([])
    const { offer, installing } = await ask({ type: 'runtime.status' })
    expect(installing).toBeNull()
    expect(offer).toEqual({
      sources: [
        {
          name: 'tensorflow-cpu 2.21.0, the Python wheel',
          downloadBytes: fs.statSync(fakes.wheel).size,
          diskBytes: 20_000,
        },
      ],
      file: path.basename(fakes.wheel),
      freeBytes: 1e12,
      problem: null,
    })
  })

  test('a checkout that is set up gets it by itself, and what runs meanwhile comes to its end', async () => {
    const fakes = machine()
    const { messages, ask, connection } = start({
      runtime: fakes.options({}, { FAKE_PIP: 'slow' }),
      fetchesLibrary: true,
    })
    expect((await ready(messages)).device?.note).toContain("TensorFlow's library is not installed.")
    connection.receive({ kind: 'request', id: 'run', body: { type: 'signal', experiment: { do: 'wait' } } })
    await vi.waitFor(
      async () => expect((await ask({ type: 'runtime.status' })).library).not.toBeNull(),
      20_000,
    )
    expect(fakes.downloads()).toHaveLength(1)
    messages.length = 0
    await ask({ type: 'control', job: 'run', action: 'stop' })
    await ready(messages)
    expect(messages).toContainEqual(expect.objectContaining({ kind: 'reply', id: 'run' }))
    expect((await ready(messages)).device?.note).toBeNull()
  })

  test('one that cannot get it goes on without', async () => {
    const runtime = machine().options({}, { FAKE_PIP: 'offline' })
    const { messages, ask } = start({ runtime, fetchesLibrary: true })
    await ready(messages)
    await vi.waitFor(() =>
      expect(fs.readFileSync(path.join(folder, 'residual-lab.log'), 'utf8')).toContain(
        'could not be reached',
      ),
    )
    await ask({ type: 'signal', experiment: { do: 'answer' } })
  })

  test('it is fetched when a page asks, and whoever asks meanwhile joins', async () => {
    const fakes = machine()
    const { messages, ask } = start({ runtime: fakes.options({}, { FAKE_PIP: 'slow' }) })
    await ready(messages)
    messages.length = 0
    const replies = await Promise.all([ask({ type: 'runtime.install' }), ask({ type: 'runtime.install' })])
    for (const reply of replies)
      expect(reply).toMatchObject({ library: { version: '2.21.0' }, problem: null })
    expect(fakes.downloads()).toHaveLength(1)
    const toldTo = new Set(messages.flatMap((m) => (m.kind === 'event' ? [m.id] : [])))
    expect(toldTo.size).toBe(2)
    const begins = messages.filter(
      (m) => m.kind === 'notice' && m.type === 'trainer' && m.state === 'starting',
    )
    expect(begins).toHaveLength(1)
  })

  test('it can be cancelled; nothing half made stays, and the next attempt works', async () => {
    const fakes = machine()
    const { messages, ask, connection } = start({ runtime: fakes.options({}, { FAKE_PIP: 'slow' }) })
    await ready(messages)
    connection.receive({ kind: 'request', id: 'get', body: { type: 'runtime.install' } })
    await vi.waitFor(() => expect(fakes.downloads()).toHaveLength(1), { timeout: 10_000 })
    expect((await ask({ type: 'runtime.status' })).installing).toMatchObject({ type: 'progress' })
    await ask({ type: 'runtime.cancel' })
    const cancelled = await vi.waitFor(() => {
      const found = messages.find((m) => m.kind === 'error' && m.id === 'get')
      expect(found).toBeDefined()
      return found
    })
    expect(cancelled).toMatchObject({ error: { message: 'The installation was cancelled.' } })
    expect((await ask({ type: 'runtime.status' })).installing).toBeNull()
    expect(
      fs.readdirSync(path.join(fakes.cache, 'runtime')).filter((name) => /^(tmp|lib)-/.test(name)),
    ).toEqual([])
    expect(await ask({ type: 'runtime.install' })).toMatchObject({ library: { version: '2.21.0' } })
  })

  test('without a network what is wrong is said, and the plain backend goes on', async () => {
    const { messages, ask } = start({ runtime: machine().options({}, { FAKE_PIP: 'offline' }) })
    await ready(messages)
    await expect(ask({ type: 'runtime.install' })).rejects.toThrow(/^failed: .*network/)
    await ask({ type: 'signal', experiment: { do: 'answer' } })
  })

  test('it comes from the file that the host’s own dialog gave, which is never a page’s to name', async () => {
    const fakes = machine()
    const asked: unknown[] = []
    let answer: string | null = null
    const files = {
      chooseWheel: (name: string | null) => {
        asked.push(name)
        return Promise.resolve(answer)
      },
    } as FileDialogs
    const offline = fakes.options({}, { FAKE_PIP: 'offline' })
    const { messages, ask } = start({ runtime: offline }, { files })
    await ready(messages)
    expect(await ask({ type: 'runtime.install', from: 'file' })).toBeNull()
    expect(asked).toEqual([path.basename(fakes.wheel)])
    answer = path.join(folder, 'other.whl')
    fs.writeFileSync(answer, 'something else')
    await expect(ask({ type: 'runtime.install', from: 'file' })).rejects.toThrow(
      `input: ${answer} is not the wheel that the lab knows: its size differs.`,
    )
    answer = fakes.wheel
    expect(await ask({ type: 'runtime.install', from: 'file' })).toMatchObject({
      library: { version: '2.21.0', source: 'wheel' },
    })
    const named = { type: 'runtime.install', from: '/tmp/mine.whl' } as unknown as { type: 'runtime.install' }
    await expect(ask(named)).rejects.toThrow(/^failed: Unknown message: /)
  })

  test('a browser’s page cannot have a file chosen', async () => {
    const { messages, ask } = start({ runtime: machine().options() })
    await ready(messages)
    await expect(ask({ type: 'runtime.install', from: 'file' })).rejects.toThrow(
      'failed: In a browser no file is installed from',
    )
  })
})

describe('settings', () => {
  test('are kept by the host; other front ends hear of a change, and the trainer starts again with it', async () => {
    const { messages, ask } = start()
    await ready(messages)
    const heard: Message[] = []
    lab.connect((message) => heard.push(message))
    const { settings, problem, machine } = await ask({ type: 'settings.load' })
    expect({ problem, threads: settings.threads }).toEqual({ problem: null, threads: null })
    expect(machine.cores).toBeGreaterThan(0)
    expect(machine.memory.bytes).toBeGreaterThanOrEqual(machine.memory.free)
    expect(machine.noGpu).toBeTruthy()

    const sized = await ask({ type: 'settings.save', changes: { textSize: 110 } })
    expect(sized).toMatchObject({ settings: { textSize: 110 }, restart: null })
    const saved = await ask({ type: 'settings.save', changes: { threads: 1 } })
    expect(saved).toMatchObject({ settings: { threads: 1, textSize: 110 }, restart: 'now' })
    expect(heard).toContainEqual({ kind: 'notice', type: 'settings', settings: saved.settings })
    expect(messages).not.toContainEqual(expect.objectContaining({ type: 'settings' }))
    const value = (await ask({ type: 'signal', experiment: { do: 'answer' } })) as unknown
    // There is no library of TensorFlow's here.
    expect(value).toMatchObject({ settings: { threads: 1, device: 'webgpu', memory: null } })
    expect(JSON.parse(fs.readFileSync(path.join(folder, 'settings.json'), 'utf8'))).toMatchObject({
      threads: 1,
    })
  })

  test('a change is not undone by an answer that was asked for before it', async () => {
    // An nvidia-smi that tells nothing before it may.
    const may = path.join(folder, 'may')
    const wait = `while [ ! -e '${may}' ]; do sleep 0.02; done`
    fs.writeFileSync(path.join(folder, 'nvidia-smi'), `#!/bin/sh\n${wait}\n`, { mode: 0o755 })
    const env = { PATH: `${folder}:/usr/bin:/bin` }
    const context = { cacheFolder: path.join(folder, 'cache'), env, wheels: {}, official: {} }
    const { messages, ask } = start({ runtime: { context } })
    await ready(messages)
    const loading = ask({ type: 'settings.load' })
    await ask({ type: 'settings.save', changes: { threads: 1 } })
    fs.writeFileSync(may, '')
    expect((await loading).settings.threads).toBe(1)
  })

  test('what is no setting is bad input', async () => {
    const { ask } = start()
    await expect(ask({ type: 'settings.save', changes: { threads: 0 } })).rejects.toThrow(
      'input: settings.threads: 0 is out of range. Give a whole number from 1 to 1024.',
    )
  })

  test('a variable of TensorFlow’s own that decides on the threads is named', async () => {
    vi.stubEnv('TF_NUM_INTRAOP_THREADS', '1')
    const { ask } = start()
    expect((await ask({ type: 'settings.load' })).machine.threadsFrom).toBe('TF_NUM_INTRAOP_THREADS=1')
  })

  test('whether there is a newer version is asked only where the user wants it and an address is known', async () => {
    const server = http.createServer((_request, response) => response.end('{"version": "99.0.0"}'))
    const asked = vi.fn()
    server.on('request', asked)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const releases = `http://127.0.0.1:${(server.address() as AddressInfo).port}/version.json`
    try {
      const first = start({ releases })
      await ready(first.messages)
      expect((await first.ask({ type: 'settings.load' })).releases).toBe(releases)
      expect(asked).not.toHaveBeenCalled()
      await first.ask({ type: 'settings.save', changes: { versionNotice: true } })
      await lab.close()

      const { messages, ask } = start({ releases })
      await vi.waitFor(() => {
        const notice = messages.find((m) => m.kind === 'notice' && m.type === 'newer')
        expect(notice).toMatchObject({
          words: expect.stringContaining('Residual Lab 99.0.0 has been published'),
        })
      })
      expect(asked).toHaveBeenCalledTimes(1)
      expect((await ask({ type: 'version.ask' })).words).toContain('99.0.0')
    } finally {
      server.close()
    }
    const { ask } = start()
    await expect(ask({ type: 'version.ask' })).rejects.toThrow('This build knows no address')
  })

  test('the data folder is shown by hosts that can, and named by no page', async () => {
    const shown: string[] = []
    const { ask } = start({ showFolder: (one) => Promise.resolve(void shown.push(one)) })
    await ask({ type: 'folder.show' })
    expect(shown).toEqual([folder])
    await lab.close()
    const browser = start()
    await expect(browser.ask({ type: 'folder.show' })).rejects.toThrow('A browser shows no folders.')
  })
})
