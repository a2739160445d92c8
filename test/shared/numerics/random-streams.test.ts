import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { STREAM } from '../../../shared/numerics/random-streams'

const ROOT = path.join(import.meta.dirname, '../../..')

/** Every use of `new Random(…)` in the program, with what stands in its brackets. */
const uses = ['shared', 'main', 'renderer']
  .flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => path.join(folder, file)),
  )
  .filter((file) => /\.(ts|svelte)$/.test(file) && !file.includes('node_modules'))
  .flatMap((file) => {
    const text = fs.readFileSync(path.join(ROOT, file), 'utf8')
    return [...text.matchAll(/new Random\(([^)]*)\)/g)].map(([, key]) => ({ file, key }))
  })

/** A stream by its name in the table, or one that the caller names: its type says that it is of the table. */
const isNamed = (part: string | undefined) => /^(STREAM\.\w+|stream)$/.test(part?.trim() ?? '')

test('no key of random numbers has a stream that is not in the table', () => {
  expect(uses.length).toBeGreaterThan(10)
  const others = uses.filter(({ key }) => {
    const [first, second] = key.split(',')
    return !isNamed(first) && !isNamed(second)
  })
  expect(others).toEqual([])
})

test('every stream of the table is used', () => {
  const sources = ['shared', 'main'].flatMap((folder) =>
    fs
      .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('random-streams.ts'))
      .map((file) => fs.readFileSync(path.join(ROOT, folder, file), 'utf8')),
  )
  const text = sources.join('\n')
  // Weights and biases are chosen by a parameter's role.
  const named = (name: string) => text.includes(`STREAM.${name}`) || text.includes(`'${name}'`)
  expect(Object.keys(STREAM).filter((name) => !named(name))).toEqual([])
})

test('each number has one use, but for 77; results of old runs depend on all of them', () => {
  expect(STREAM).toEqual({
    weight: 1,
    bias: 2,
    input: 3,
    topGradient: 4,
    stem: 5,
    head: 6,
    batches: 7,
    noise: 8,
    randomDeletions: 66,
    trajectories: 77,
    pathSamples: 77,
    keptBranches: 78,
    dropoutMasks: 79,
    whiteNoise: 88,
    hashKeys: 91,
    dataSets: 92,
    augmentation: 93,
    theoryGradients: 94,
    finiteWidth: 95,
  })
  const numbers = Object.values(STREAM)
  expect(numbers.filter((one, i) => numbers.indexOf(one) < i)).toEqual([STREAM.pathSamples])
})
