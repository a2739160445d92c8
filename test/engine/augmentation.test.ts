import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { createControl } from '../../main/trainer/engine/control'
import { trainNetworks } from '../../main/trainer/engine/train'
import { Batches } from '../../main/trainer/engine/training-batches'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { TrainEvent } from '../../shared/protocol/protocol'
import { defaultExperiment } from '../../shared/settings/table'
import type { Experiment } from '../../shared/settings/experiment'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const experimentWith = (changes: Partial<Experiment>) =>
  trainingExperiment({
    ...defaultExperiment(),
    ...{ data: 'digits', blocks: 2, width: 8, trainReplicas: 2, batch: 32, steps: 4, evaluateEvery: 2 },
    remedies: ['rsqrt2'],
    ...changes,
  })

/** The training's evaluations, the first before any update. */
async function evaluations(changes: Partial<Experiment>) {
  const events: TrainEvent[] = []
  await trainNetworks(backend, experimentWith(changes), createControl(), (event) => void events.push(event))
  return events.flatMap((event) => (event.type === 'evaluated' ? [event.series] : []))
}

describe('augmentation', () => {
  const changes = { augmentCrop: 1, augmentFlip: 'on', augmentNoise: 0.1 } as const

  test('is of a step’s samples by seed and step; labels stay', () => {
    const own = experimentWith(changes)
    const plain = new Batches(experimentWith({}))
    const batches = new Batches(own)
    for (const step of [0, 3]) {
      const { x, y } = plain.at(step)
      const seen = batches.at(step)
      expect(seen.y).toEqual(y)
      expect(seen.x).not.toEqual(x)
      expect(new Batches(own).at(step)).toEqual(seen)
    }
  })

  test('changes what is learned, and no sample that is evaluated', async () => {
    const [plain, changed] = [await evaluations({}), await evaluations(changes)]
    expect(changed[0]).toEqual(plain[0])
    expect(changed.at(-1)).not.toEqual(plain.at(-1))
  })
})
