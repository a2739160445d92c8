import type { NewRun, Outcome } from '../../main/runs/library'
import { defaultExperiment } from '../../shared/settings/table'

const summary = (at: number) => ({ mean: [1, at], median: [1, at], low: [0.5, at / 2], high: [2, 2 * at] })

/** Of a measurement of one series of two blocks. */
export const RESULT = {
  finished: true,
  series: [
    {
      ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy: 'none', note: null },
      ...{ q: summary(Infinity), v: summary(3), m: summary(NaN), p: summary(4) },
    },
  ],
}

export const newRun = (over: Partial<NewRun> = {}): NewRun => ({
  ...{ kind: 'signal', name: null, experiment: defaultExperiment(), request: {}, command: null },
  ...{ version: '1.2.3', created: new Date().toISOString(), ...over },
})

export const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  ...{ state: 'finished', started: { type: 'started' }, result: RESULT, seconds: 2 },
  environment: {
    ...{
      version: '1.2.3',
      device: 'CPU, fixture',
      deviceNote: null,
      xla: null,
      gpu: null,
      backend: 'cpu',
      tensorflow: null,
      node: '20',
    },
    ...{
      electron: null,
      os: 'Linux',
      seed: 1,
      data: null,
      remedies: {},
      start: '2026-01-01T00:00:00.000Z',
      seconds: 2,
      command: null,
    },
  },
  ...over,
})
