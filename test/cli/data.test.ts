import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { PNG } from 'pngjs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-data-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'data') },
  })
  return { status, stdout, stderr }
}

/** Built in, with real targets. */
const REGRESSION = ['sinc', 'franke', 'friedman', 'teacher-values']

test('one’s own data are taken in, shown, learned, and removed', { timeout: 120_000 }, () => {
  const rows = Array.from({ length: 300 }, (_, i) => `${i % 3},${(i * 7) % 11},${['a', 'b', 'c'][i % 3]}`)
  fs.writeFileSync(path.join(folder, 'my.csv'), ['size,age,kind', ...rows].join('\n'))
  const taken = run('data', 'import', 'my.csv', '--name', 'pets', '--target', 'kind', '--json')
  expect([taken.status, taken.stderr]).toEqual([0, ''])
  const description = JSON.parse(taken.stdout)
  expect(description).toMatchObject({
    version: 1,
    name: 'pets',
    classes: 3,
    training: 240,
    test: 60,
    origin: 'own',
  })

  const { data } = JSON.parse(run('data', 'list', '--json').stdout)
  expect(data.map(({ name, here }: { name: string; here: boolean }) => [name, here])).toEqual([
    ...['mnist1d', 'digits', 'spirals', 'circles', 'moons', 'teacher', ...REGRESSION].map((name) => [
      name,
      true,
    ]),
    ...['mnist', 'fashion-mnist', 'cifar10'].map((name) => [name, false]),
    ['pets', true],
  ])
  const shown = JSON.parse(run('data', 'show', 'pets', '--json').stdout)
  expect(shown).toMatchObject({ sha256: description.sha256, training: { samples: 240, low: 0, high: 10 } })
  expect(shown.scale.mean).toHaveLength(2)

  const small = ['--blocks', '2', '--width', '16', '--seeds', '1', '--steps', '100', '--batch', '40']
  const learned = run('train', '--data', 'pets', ...small, '--json')
  const { experiment, series, run: id } = JSON.parse(learned.stdout)
  expect(experiment).toMatchObject({ data: 'pets', input: 'data', ownData: { sha256: description.sha256 } })
  expect(series[0].final.test.error.mean).toBeLessThan(0.05)
  const environment = fs.readFileSync(path.join(folder, 'data', 'runs', id, 'environment.json'), 'utf8')
  expect(JSON.parse(environment).data).toEqual({ name: 'pets', sha256: description.sha256 })

  expect(run('train', '--data', 'pts', '--no-keep').stderr).toContain(
    '"pts" is not a choice. Did you mean "pets"?',
  )
  expect(run('data', 'remove', 'pets').stdout).toBe('Removed pets.\n')
  expect(run('data', 'show', 'pets')).toMatchObject({ status: 2, stdout: '' })
})

test('pictures by class are taken in, and convolutional networks learn them', { timeout: 120_000 }, () => {
  for (let i = 0; i < 60; i++) {
    const picture = new PNG({ width: 10, height: 10 })
    // Stripes that stand or lie, of any brightness.
    const at = (p: number) => (i % 2 ? p % 10 : Math.floor(p / 10)) + i
    for (let p = 0; p < 100; p++)
      picture.data.set([...Array(3).fill(at(p) % 2 ? 60 + 3 * i : 20), 255], 4 * p)
    const place = path.join(folder, 'stripes', i % 2 ? 'standing' : 'lying')
    fs.mkdirSync(place, { recursive: true })
    fs.writeFileSync(path.join(place, `${i}.png`), PNG.sync.write(picture))
  }
  const taken = run('data', 'import', 'stripes', '--name', 'stripes', '--size', '8x8', '--json')
  expect([taken.status, taken.stderr]).toEqual([0, ''])
  expect(JSON.parse(taken.stdout)).toMatchObject({
    shape: { units: 1, rows: 8, columns: 8 },
    classNames: ['lying', 'standing'],
    training: 48,
    test: 12,
  })
  const small = ['--blocks', '1', '--width', '8', '--seeds', '1', '--steps', '60', '--batch', '24']
  const block = path.join(folder, 'block.json')
  fs.writeFileSync(block, JSON.stringify(convolutional(presetNamed('full-preactivation'), 2)))
  const args = ['--block', block, ...small, '--learning-rate', '0.05', '--no-keep']
  const learned = run('train', '--data', 'stripes', ...args, '--json')
  expect(learned.status, learned.stderr).toBe(0)
  const { experiment, series } = JSON.parse(learned.stdout)
  expect(experiment.input).toBe('data-grid')
  expect(series[0].final.test.error.mean).toBeLessThan(0.2)
})

test.each([
  [
    ['data', 'import', 'stripes', '--name', 'x', '--size', '8'],
    '--size: "8" is no size. Give width and height',
  ],
  [['data', 'import', 'none.csv', '--name', 'x'], 'PATH: there is no file or folder none.csv.'],
  [['data', 'import', 'none.csv'], '--name: the data set has no name.'],
  [['data', 'show', 'moon'], '--data: there is no data set "moon". Did you mean "moons"?'],
  [['data', 'remove', 'moons'], 'data remove: "moons" is part of the program.'],
  [['data', 'get', 'cifar10'], 'data get: CIFAR-10 cannot be downloaded. No package has it'],
  [
    ['train', '--data', 'mnist', '--no-keep'],
    'data: MNIST is not here yet. Get it on the Data tab, or by `npx residual-lab data get mnist`.',
  ],
])('%j is refused in one line', (args, message) => {
  const { status, stdout, stderr } = run(...args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr.trim().split('\n').at(-1)).toContain(message)
})
