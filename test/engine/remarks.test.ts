import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { testBackend } from './backend'
import { checkRemark, deviationText, drawnNetworks, type RemarkCheck } from './remarks'

// A sample of what `npm run remarks` tries by hundreds; RESIDUAL_LAB_RANDOM_SEED takes others.
const COUNT = 40
const SEED = Number(process.env.RESIDUAL_LAB_RANDOM_SEED ?? 0)

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

test('where theory is off it says so, and single networks are where it says', async () => {
  const checks: RemarkCheck[] = []
  for (let i = 0; i < COUNT; i++) checks.push(await checkRemark(backend, i, SEED))
  const off = checks.filter((one) => one.off.length)
  const silent = off.filter(({ remark }) => remark === null)
  expect(silent.map((one) => `${one.about}: ${one.off.map(deviationText).join('; ')}`)).toEqual([])
  expect(checks.filter(({ wrong }) => wrong.length).map(({ about, wrong }) => [about, ...wrong])).toEqual([])
  // The cases that these are about do come.
  expect(off.length).toBeGreaterThan(COUNT / 10)
  expect(checks.filter(({ isKnown }) => isKnown).length).toBeGreaterThan(COUNT / 4)
}, 600_000)

test('networks are drawn with batches from 4 to 512, with norms and without', () => {
  const drawn = Array.from({ length: 400 }, (_, i) => drawnNetworks(i, SEED))
  const batches = drawn.map(({ batch }) => batch)
  expect([Math.min(...batches), Math.max(...batches)]).toEqual([4, 512])
  const hasNorm = ({ block: [block], remedies }: (typeof drawn)[number]) =>
    /norm/.test(JSON.stringify([block, remedies]))
  expect(drawn.filter(hasNorm).length).toBeGreaterThan(100)
  expect(drawn.filter((one) => !hasNorm(one)).length).toBeGreaterThan(50)
})
