import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRunLibrary } from '../../main/runs/library'
import { storedText } from '../../main/runs/library/stored'
import { summaryOf } from '../../shared/runs/summary'
import { failCall } from '../torture/shim'
import { newRun, outcome } from './runs'

// Five thousand runs: what a list costs is counted in calls of the file system, and its time is printed.

const RUNS = 5000

let folder: string
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-large-'))
  const library = openRunLibrary(folder)
  const first = await library.keep(newRun(), outcome())
  // Else its index of one run is written late, over the one that the test is about.
  await library.close()
  const places = Array.from({ length: 60 }, (_, k) => k)
  const curve = { mean: places.map((k) => k / 7), low: places, high: places, median: places }
  const series = ['none', 'rsqrt2', 'batch-norm'].map((remedy) => ({
    block: 'a',
    remedy,
    q: curve,
    p: curve,
  }))
  const summary = summaryOf({ kind: 'signal', experiment: newRun().experiment, result: { series } })
  for (let n = 2; n <= RUNS; n++) {
    const id = `oak-${n}`
    const created = new Date(1.8e12 + n * 1e6).toISOString()
    fs.mkdirSync(path.join(folder, 'runs', id))
    const text = storedText({
      entry: { ...first, ...summary, id, name: id, created },
      request: {},
      owner: null,
    })
    fs.writeFileSync(path.join(folder, 'runs', id, 'run.json'), text)
  }
}, 120_000)
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Calls of the file system, and milliseconds. */
function costOf(work: () => void): { calls: number; ms: number } {
  const restore = failCall(0, 'EIO')
  const begun = performance.now()
  work()
  const ms = performance.now() - begun
  return { calls: restore(), ms }
}

test('a list looks at each folder once, and reads what has changed alone', async () => {
  const library = openRunLibrary(folder)
  const rebuilt = costOf(() => expect(library.list().runs).toHaveLength(RUNS))
  await library.close()
  const opened = costOf(() => expect(openRunLibrary(folder).list().runs).toHaveLength(RUNS))
  const again = costOf(() => library.list())
  await openRunLibrary(folder).change('oak-2', { note: 'seen' })
  const changed = costOf(() =>
    expect(library.list().runs.find(({ id }) => id === 'oak-2')).toMatchObject({ note: 'seen' }),
  )
  const ms = ({ ms }: { ms: number }) => `${ms.toFixed(0)} ms`
  const size = fs.statSync(path.join(folder, 'runs/index.json')).size
  console.info(
    `${RUNS} runs: without an index ${ms(rebuilt)}, by the index (${(size / 1e6).toFixed(1)} MB) ${ms(opened)}, ` +
      `again ${ms(again)}, with one changed ${ms(changed)}`,
  )
  expect(rebuilt.calls).toBeGreaterThan(3 * RUNS)
  for (const { calls } of [opened, again, changed]) expect(calls).toBeLessThan(RUNS + 200)
}, 120_000)
