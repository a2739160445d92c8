import { describe, expect, test } from 'vitest'
import { checkTrainingSamples, COMMAND_LINE } from '../../../shared/experiment/experiment'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'

const check = (changes: Partial<Experiment>, where = COMMAND_LINE) =>
  checkTrainingSamples({ ...defaultExperiment(), ...changes }, where)

describe('augmentation that training samples have no axis for is refused with its option', () => {
  test.each<[string, Partial<Experiment>, RegExp]>([
    ['points are not moved', { data: 'moons', augmentShift: 1 }, /^--augment-shift: .*have no positions/],
    [
      'curves have no mirror image',
      { augmentFlip: 'on' },
      /^--augment-flip: samples of MNIST-1D are no images/,
    ],
    ['curves have no margin', { augmentCrop: 4 }, /^--augment-crop: samples of MNIST-1D are no images/],
    [
      'a margin is narrower than the image',
      { data: 'digits', augmentCrop: 8 },
      /^--augment-crop: .*at most 7/,
    ],
    ['a shift is shorter than the curve', { augmentShift: 40 }, /^--augment-shift: .*at most 39/],
  ])('%s', (_, changes, words) => {
    expect(() => check(changes)).toThrow(words)
  })

  test('in a document by its path', () => {
    expect(() => check({ augmentFlip: 'on' }, 'experiment')).toThrow(/^experiment\.augmentFlip: /)
  })

  test('and what they have is taken', () => {
    expect(() => check({})).not.toThrow()
    expect(() => check({ augmentShift: 39, augmentNoise: 1 })).not.toThrow()
    expect(() => check({ data: 'moons', augmentNoise: 0.1 })).not.toThrow()
    expect(() => check({ data: 'digits', augmentShift: 7, augmentCrop: 7, augmentFlip: 'on' })).not.toThrow()
  })
})
