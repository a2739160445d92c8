import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defaultExperiment } from '../../../shared/settings/table'
import { trainingExperiment } from '../../../shared/experiment/experiment'
import { noEvaluations } from '../../../shared/network/results'
import { emptySummary } from '../../../shared/numerics/statistics'
import type { RunDocument } from '../../../shared/runs/run'
import type { LabEvent, TrainFrame } from '../../../shared/protocol/protocol'
import { RequestError, type Connection } from '../../../renderer/base/connection'
import { RecentSpeed } from '../../../renderer/state/recent-speed'
import { TrainRun } from '../../../renderer/state/train-run.svelte'

describe('recent speed', () => {
  it('is that of the last ten seconds, whatever was before', () => {
    const speed = new RecentSpeed()
    expect(speed.rate).toBeNull()
    // A hundred slow seconds, then fast ones.
    for (let second = 0; second <= 100; second++) speed.add(second, 1000 * second)
    expect(speed.rate).toBeCloseTo(1, 6)
    for (let second = 1; second <= 20; second++) speed.add(100 + 50 * second, 1000 * (100 + second))
    expect(speed.rate).toBeCloseTo(50, 6)
  })

  it('is not that of the first steps, which are recorded', () => {
    const speed = new RecentSpeed()
    for (const [done, at] of [
      [1, 20_000],
      [2, 40_000],
      [3, 60_000],
      [4, 60_100],
    ])
      speed.add(done, at)
    expect(speed.rate).toBeNull()
    speed.add(5, 60_200)
    expect(speed.rate).toBeCloseTo(10, 6)
    speed.begin()
    speed.add(1, 90_000)
    speed.add(2, 95_000)
    expect(speed.rate).toBeNull()
  })

  it('does not count a pause, and begins again with other work', () => {
    const speed = new RecentSpeed()
    for (const done of [0, 1, 2]) speed.add(done, -1000 * (3 - done))
    speed.add(0, 0)
    speed.add(10, 1000)
    speed.forget()
    speed.add(10, 60_000)
    expect(speed.rate).toBeNull()
    speed.add(30, 61_000)
    expect(speed.rate).toBe(20)
    speed.add(1, 62_000)
    expect(speed.rate).toBeNull()
  })
})

const experiment = { ...defaultExperiment(), blocks: 2, steps: 100 }
const header = { block: 'relu-linear', blockTitle: 'Type 2', remedy: 'none' }
const started = {
  type: 'started',
  device: {},
  experiment: trainingExperiment(experiment),
  series: [header],
} as unknown as LabEvent

const frame = (step: number): TrainFrame => ({
  type: 'frame',
  step,
  learningRate: 0.01,
  series: [
    {
      ...{ q: emptySummary(3), v: emptySummary(3), m: emptySummary(3), p: emptySummary(3) },
      ...{ weightGradientNorm2: emptySummary(2), updateRatio: emptySummary(2) },
    } as TrainFrame['series'][number],
  ],
})
const evaluated = (step: number, error: number): LabEvent => {
  const outcomes = { loss: [error], error: [error] }
  return { type: 'evaluated', step, learningRate: 0.01, series: [{ train: outcomes, test: outcomes }] }
}

/** A host whose answers the test gives. */
function host() {
  const posted: Record<string, unknown>[] = []
  let tell: (event: LabEvent) => void = () => {}
  let answer: (value: unknown) => void = () => {}
  let refuse: (error: Error) => void = () => {}
  const connection = {
    keepsRuns: true,
    start(body: Record<string, unknown>, onEvent: typeof tell) {
      posted.push(body)
      tell = onEvent
      const reply = new Promise((resolve, reject) => ([answer, refuse] = [resolve, reject]))
      return { id: 'job', reply }
    },
    request(body: Record<string, unknown>) {
      posted.push(body)
      return Promise.resolve(null)
    },
  } as unknown as Connection
  return {
    connection,
    posted,
    tell: (...events: LabEvent[]) => events.forEach((event) => tell(event)),
    answer: (value: unknown) => answer(value),
    refuse: (error: Error) => refuse(error),
  }
}

const series = (steps: number[], errors: number[]) => ({
  ...{ block: 'relu-linear', remedy: 'none', skip: 'on', parameters: 7, seconds: 1, failure: null },
  evaluations: {
    ...noEvaluations(),
    step: steps,
    train: { loss: errors.map((one) => [one]), error: errors.map((one) => [one]) },
    test: { loss: errors.map((one) => [one]), error: errors.map((one) => [one]) },
  },
})

describe('a training', () => {
  let lab: ReturnType<typeof host>
  let run: TrainRun
  beforeEach(() => {
    vi.stubGlobal('requestAnimationFrame', () => 0)
    vi.stubGlobal('cancelAnimationFrame', () => {})
    lab = host()
    run = new TrainRun(lab.connection)
  })

  it('is kept, and its reply is the last word on what its networks have learned', async () => {
    const ended = run.start(experiment)
    expect(lab.posted[0]).toMatchObject({ type: 'train', keep: true })
    lab.tell(started, evaluated(0, 0.9), frame(0), evaluated(50, 0.5), frame(50))
    expect(run.status).toBe('training')
    lab.answer({
      ...{ finished: true, steps: 100, seconds: 2, run: { id: 'fern-1' }, frames: [frame(100)] },
      series: [series([0, 50, 100], [0.9, 0.5, 0.2])],
    })
    await ended
    expect(run).toMatchObject({ status: 'idle', finished: true, steps: 100, keeping: { run: 'fern-1' } })
    expect(run.evaluations[0].test.error).toEqual([[0.9], [0.5], [0.2]])
    expect(run.frames.map(({ step }) => step)).toEqual([0, 50, 100])
    expect([run.step, run.evaluation]).toEqual([100, 2])
    run.look(60)
    expect([run.step, run.evaluation, run.isFollowing]).toEqual([50, 1, false])
    run.look(100)
    expect(run.isFollowing).toBe(true)
  })

  it('pauses, goes on, steps and stops', async () => {
    const ended = run.start(experiment)
    lab.tell(started, frame(0))
    run.pause()
    expect(run.status).toBe('paused')
    run.goOn()
    expect(run.status).toBe('training')
    run.step1()
    expect(run.status).toBe('paused')
    run.stop()
    const actions = lab.posted.slice(1).map(({ action }) => action)
    expect(actions).toEqual(['pause', 'resume', 'step', 'stop'])
    lab.answer({ finished: false, steps: 1, seconds: 1, frames: [], series: [series([0, 1], [0.9, 0.8])] })
    await ended
    expect(run).toMatchObject({ status: 'idle', finished: false, steps: 1 })
  })

  it('that is interrupted keeps what came until then, and can be gone on with', async () => {
    const ended = run.start(experiment)
    lab.tell(started, evaluated(0, 0.9), frame(0), frame(40))
    lab.refuse(new RequestError({ message: 'The process that computes has ended.', reason: 'interrupted' }))
    await ended
    expect(run.status).toBe('interrupted')
    expect(run.frames.map(({ step }) => step)).toEqual([0, 40])
    const again = run.start(experiment, { resume: 'fern-1' })
    expect(lab.posted.at(-1)).toMatchObject({ type: 'train', resume: 'fern-1' })
    lab.tell(started, evaluated(0, 0.9), evaluated(50, 0.5), evaluated(50, 0.4), frame(50))
    lab.answer({
      ...{ finished: true, steps: 100, seconds: 2, frames: [frame(0)] },
      series: [series([0, 100], [0.9, 0.2])],
    })
    await again
    expect(run.frames.map(({ step }) => step)).toEqual([0, 50])
    expect(run).toMatchObject({ status: 'idle', steps: 100 })
  })

  it('says where the library could not keep it, and shows it all the same', async () => {
    const ended = run.start(experiment)
    lab.tell(started, frame(0))
    lab.tell({ type: 'checkpoint', step: 0, problem: 'The disk is full.' })
    expect(run.checkpoint?.problem).toBe('The disk is full.')
    lab.answer({
      ...{ finished: true, steps: 100, seconds: 2, frames: [], run: null, runProblem: 'It is full.' },
      series: [series([0, 100], [0.9, 0.2])],
    })
    await ended
    expect(run).toMatchObject({ keeping: { run: null, problem: 'It is full.' }, steps: 100 })
  })

  it('of the library is shown as it was; of one that was interrupted there is nothing to show yet', () => {
    const result = {
      finished: true,
      steps: 100,
      frames: [frame(100)],
      series: [series([0, 100], [0.9, 0.2])],
    }
    const entry = { id: 'fern-1', seconds: 2, state: 'finished' }
    const document = { entry, experiment, started, result } as unknown as RunDocument
    run.show(document)
    expect(run).toMatchObject({ status: 'idle', steps: 100, seconds: 2, keeping: { run: 'fern-1' } })
    expect([run.step, run.isStale(experiment)]).toEqual([100, false])
    const bare = { ...document, started: null, result: null }
    run.show({ ...bare, entry: { ...document.entry, id: 'fern-2', state: 'interrupted' } })
    expect(run).toMatchObject({ status: 'idle', keeping: { run: 'fern-1' } })
    // Networks that were trained elsewhere: what was shown before is not theirs.
    run.show({ ...bare, entry: { ...document.entry, id: 'fern-3' } })
    expect(run).toMatchObject({ status: 'idle', started: null, frames: [], keeping: { run: 'fern-3' } })
  })

  it('knows whether it answers the settings', () => {
    void run.start(experiment)
    lab.tell(started)
    expect(run.isStale(experiment)).toBe(false)
    expect(run.isStale({ ...experiment, replicas: 3 })).toBe(false)
    expect(run.isStale({ ...experiment, learningRate: 1 })).toBe(true)
  })
})
