import * as fs from 'node:fs'
import * as path from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { prepareSeries } from '../../main/trainer/engine/prepared-series'
import { seriesHeaders, withFiniteWidth } from '../../main/trainer/engine/series-theory'
import { measureSignal } from '../../main/trainer/engine/signal'
import { noTheories, theoriesHere } from '../../main/trainer/engine/theories'
import { theoriesFrom } from '../../main/trainer/theory-channel'
import type { SignalEvent } from '../../shared/protocol/protocol'
import { PENDING_THEORY } from '../../shared/theory/series'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

/** Closed forms, and sampled trajectories. */
const experiment = {
  ...defaultExperiment(),
  ...{ block: ['relu-linear', 'relu-before-addition'], remedies: ['none', 'rsqrt2'] },
  ...{ blocks: 4, width: 16, replicas: 3, batch: 8 },
}

const here = (asked = experiment) => theoriesHere(asked, prepareSeries(asked))

function expected() {
  const prepared = prepareSeries(experiment)
  const limits = seriesHeaders(experiment, prepared)
  return { limits, whole: withFiniteWidth(experiment, prepared, limits) }
}

describe('theories come one after the other', () => {
  test('first the limits of all, then what single networks show', async () => {
    const theories = here()
    const { limits, whole } = expected()
    const first = theories.come()
    expect(first.map(({ theory }) => theory)).toEqual(limits.map(({ theory }) => theory))
    expect(theories.come()).toEqual([])
    const rest = await theories.rest(() => {})
    expect(rest.map(({ theory }) => theory)).toEqual(whole.map(({ theory }) => theory))
  })

  test('who waits for the rest may leave', async () => {
    // What is known already needs no time in which one could leave.
    const theories = here({ ...experiment, width: 20 })
    theories.come()
    const leave = () => {
      throw new Error('stopped')
    }
    await expect(theories.rest(leave)).rejects.toThrow('stopped')
  })
})

describe('from a thread of their own', () => {
  const file = path.resolve(__dirname, '..', '..', 'out', 'main', 'theory.cjs')
  let thread: Worker | null = null
  afterAll(() => thread?.terminate())

  test('they are the same, and one that nobody waits for does not hold up the next', async ({ skip }) => {
    if (!fs.existsSync(file)) return skip('out/main/theory.cjs is not built: run `npm run build`')
    const { port1, port2 } = new MessageChannel()
    thread = new Worker(file, { workerData: { port: port1 }, transferList: [port1] })
    const ask = theoriesFrom(port2)
    const long = { ...experiment, blocks: 50 }
    const abandoned = ask(long, prepareSeries(long))
    abandoned.end()
    const found = await ask(experiment, prepareSeries(experiment)).rest(() => {})
    const beside = here()
    expect(found).toEqual([...beside.come(), ...(await beside.rest(() => {}))])
    port2.close()
  })
})

describe('a measurement', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await testBackend()
  })

  test('begins without theory, tells it on the way, and gives all of it', async () => {
    const events: SignalEvent[] = []
    const { series } = await measureSignal(backend, experiment, createControl(), (event) =>
      events.push(event),
    )
    const { limits, whole } = expected()
    const [started] = events
    if (started.type !== 'started') throw new Error(`The first event is ${started.type}.`)
    expect(started.series.map(({ theory }) => theory.q)).toEqual([null, null, null, null])
    const told = events.flatMap((event) => (event.type === 'theory' ? [event] : []))
    expect(told.map((event) => event.series)).toEqual([0, 1, 2, 3])
    expect(told.map(({ theory }) => theory)).toEqual(limits.map(({ theory }) => theory))
    expect(series.map(({ theory }) => theory)).toEqual(whole.map(({ theory }) => theory))
  })

  test('of which nobody looks at theory computes none, and is the same', async () => {
    const events: SignalEvent[] = []
    const measure = (emit: (event: SignalEvent) => void, ask = theoriesHere) =>
      measureSignal(backend, experiment, createControl(), emit, undefined, ask)
    const { series } = await measure((event) => events.push(event), noTheories)
    expect(events.map(({ type }) => type)).not.toContain('theory')
    const { series: asked } = await measure(() => {})
    const bare = ({ theory: _theory, seconds: _seconds, ...one }: (typeof series)[number]) => one
    expect(series.map(bare)).toEqual(asked.map(bare))
    expect(series.map(({ theory }) => theory)).toEqual(series.map(() => PENDING_THEORY))
  })
})
