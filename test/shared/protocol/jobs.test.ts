import { describe, expect, test } from 'vitest'
import { InputError } from '../../../shared/base/errors'
import { defaultExperiment } from '../../../shared/settings/table'
import { JOBS, isJob, prepareJob, unstarted, type JobBody, type JobType } from '../../../shared/protocol/jobs'
import { parseRequest } from '../../../shared/protocol/protocol'

const experiment = { ...defaultExperiment() } as Record<string, unknown>
const bodies: { [T in JobType]: JobBody<T> } = {
  signal: { type: 'signal', experiment },
  shatter: { type: 'shatter', experiment, settings: {} },
  lesion: { type: 'lesion', experiment, lesion: { delete: [3] } },
  train: { type: 'train', experiment },
  depth: { type: 'depth', experiment },
}
const types = Object.keys(JOBS) as JobType[]

describe.each(types)('%s', (type) => {
  const body = bodies[type]
  test('is a request that hosts take, and a job that can be run', () => {
    expect(parseRequest({ kind: 'request', id: '1', body }).body).toEqual(body)
    expect(isJob(body)).toBe(true)
    expect(prepareJob(body)).toMatchObject({ type, experiment: { blocks: 20 } })
  })

  test('with a field that is not one is no request; an experiment that cannot be run is bad input', () => {
    expect(() => parseRequest({ kind: 'request', id: '1', body: { ...body, experiment: 3 } })).toThrow(
      'Unknown message: body.experiment',
    )
    expect(() => prepareJob({ ...body, experiment: { ...experiment, blocks: 0 } })).toThrow(InputError)
  })

  test('stopped before it started, it replies nothing, and says so', () => {
    expect(unstarted(type)).toMatchObject({ finished: false, seconds: 0, series: [] })
  })
})

test('what a job is run with: training sets input and stem, lesions know their blocks', () => {
  expect(prepareJob(bodies.train)).toMatchObject({
    weights: false,
    experiment: { input: 'mnist1d', stem: 'linear' },
  })
  expect(prepareJob({ ...bodies.lesion, training: true })).toMatchObject({
    training: true,
    set: { set: 'one', lesion: { delete: [3] } },
  })
})

test.each(['sweep', 'constructor', 'control'])('“%s” is no job', (type) => {
  expect(isJob({ type })).toBe(false)
})

test('a request that nobody knows is refused with all that are known', () => {
  const sent = { kind: 'request', id: '1', body: { type: 'sweep', experiment } }
  expect(() => parseRequest(sent)).toThrow(
    /^Unknown message: body\.type: .*"signal" \| "shatter" \| "lesion" \| "train"/,
  )
})
