import { beforeEach, describe, expect, it } from 'vitest'
import type { LesionResult } from '../../../shared/lesion/results'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultLesionSettings } from '../../../shared/settings/lesion'
import { defaultExperiment } from '../../../shared/settings/table'
import { RequestError, type Connection } from '../../../renderer/base/connection'
import { LesionRun } from '../../../renderer/state/lesion-run.svelte'

const lesion = { ...defaultLesionSettings(), replicas: 4, batch: 16 }
const experiment = { ...defaultExperiment(), blocks: 8, lesion }
const ONE = { each: 0, lesions: [{ kind: 'delete', blocks: [3, 7] }] }

const result = (cosine: number, over: object = ONE) =>
  ({
    ...{ finished: true, seconds: 1, ...over },
    series: [
      {
        ...{ block: 'relu-linear', remedy: 'none', intact: null },
        outcomes: [{ cosine: { mean: cosine, low: cosine, high: cosine } }],
      },
    ],
  }) as unknown as LesionResult & { seconds: number }

/** A host that answers each job at once, in turn. */
function host(...answers: (object | Error)[]) {
  const posted: { keep: boolean; experiment: Record<string, unknown>; lesion: unknown }[] = []
  const connection = {
    keepsRuns: true,
    start(body: (typeof posted)[number]) {
      posted.push(body)
      const next = answers[posted.length - 1]
      return { id: 'job', reply: next instanceof Error ? Promise.reject(next) : Promise.resolve(next) }
    },
    request: () => Promise.resolve(null),
  } as unknown as Connection
  return { posted, run: new LesionRun(connection) }
}

describe('a lesion of one’s own', () => {
  it('is asked of residual and of plain networks, and each is kept as a run', async () => {
    const { posted, run } = host(
      { ...result(0.9), run: { id: 'fern-1' } },
      { ...result(0.2), run: { id: 'fern-2' } },
    )
    await run.try(experiment, { delete: [3, 7] })
    expect(posted).toMatchObject([
      { keep: true, experiment: { skip: 'on', replicas: 4, batch: 16 }, lesion: { delete: [3, 7] } },
      { keep: true, experiment: { skip: 'off' }, lesion: { delete: [3, 7] } },
    ])
    expect(run.one).toMatchObject({ networks: 4, runs: ['fern-1', 'fern-2'], error: null })
    const cosineOf = (side: 'residual' | 'plain') => run.one.results[side]!.series[0].outcomes[0].cosine.mean
    expect([cosineOf('residual'), cosineOf('plain')]).toEqual([0.9, 0.2])
    // The survey is another question.
    expect(run.isRequested).toBe(false)
  })

  it('is no run where nothing is kept, or where it was stopped', async () => {
    const unkept = host({ ...result(0.9), run: null }, { ...result(0.2), run: null })
    await unkept.run.try(experiment, { delete: [1] })
    expect(unkept.run.one).toMatchObject({ runs: [], results: { residual: {}, plain: {} } })

    const stopped = host({ ...result(0.9), finished: false, run: { id: 'fern-1' } })
    await stopped.run.try(experiment, { delete: [1] })
    expect(stopped.run.one).toMatchObject({ runs: [], results: {} })
  })

  it('that is refused says why', async () => {
    const message = 'lesion: there is no block 9. Blocks count from 1 to 8.'
    const { run } = host(new RequestError({ reason: 'input', message }))
    await run.try(experiment, { delete: [9] })
    expect(run.one).toMatchObject({ runs: [], error: message })
  })
})

describe('lesions of the library', () => {
  const document = (id: string, skip: 'on' | 'off', own: LesionResult): RunDocument =>
    ({
      entry: { id, state: 'finished', seconds: 3 },
      experiment: { ...experiment, skip, replicas: 4 },
      result: own,
    }) as unknown as RunDocument
  const survey = { each: 2, lesions: [{}, {}, {}] }
  let run: LesionRun
  beforeEach(() => {
    run = host().run
    run.show([document('elm-1', 'on', result(0.7, survey)), document('elm-2', 'off', result(0.1, survey))])
  })

  it('that are a survey become the charts', () => {
    expect(run.keeping('residual').run).toBe('elm-1')
    expect(run.keeping('plain').run).toBe('elm-2')
    expect(run.one.runs).toEqual([])
    expect(run.isStale(experiment)).toBe(false)
  })

  it('that are a single one come beside the survey, which stays', () => {
    run.show([document('fern-2', 'off', result(0.2)), document('fern-1', 'on', result(0.9))])
    expect(run.one).toMatchObject({ networks: 4, runs: ['fern-2', 'fern-1'], error: null })
    expect(run.one.results.residual!.series[0].outcomes[0].cosine.mean).toBe(0.9)
    expect(run.one.results.plain!.series[0].outcomes[0].cosine.mean).toBe(0.2)
    expect(run.keeping('residual').run).toBe('elm-1')
    expect(run.result('residual')!.each).toBe(2)
  })
})
