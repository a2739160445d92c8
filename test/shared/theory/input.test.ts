import { describe, expect, test } from 'vitest'
import { dataInput, normalInput, streamInput } from '../../../shared/theory/input'
import { defaultExperiment } from '../../../shared/settings/table'
import type { NetworkSettings } from '../../../shared/settings/network'

describe('h_0 of noise', () => {
  test('is the noise, or twice its variance behind He’s stem', () => {
    const plain = { mean: Float64Array.of(0, 0), grid: undefined, exchangeable: true }
    expect(normalInput('none')).toEqual({ ...plain, kernel: Float64Array.of(1, 0, 0, 1) })
    expect(normalInput('linear')).toEqual({ ...plain, kernel: Float64Array.of(2, 0, 0, 2) })
    expect(normalInput('none', { units: 3, rows: 4, columns: 4 }).grid).toBeUndefined()
  })

  test('at the border a stem of three taps sees zeros', () => {
    const row = normalInput('linear', { units: 1, rows: 1, columns: 4 })
    expect([...row.grid!.square]).toEqual([4 / 3, 2, 2, 4 / 3])
    expect([...row.grid!.mean, row.grid!.isShared]).toEqual([0, 0, 0, 0, false])
    expect(row.kernel[0]).toBeCloseTo(5 / 3, 12)
    const image = normalInput('linear', { units: 3, rows: 3, columns: 3 }).grid!.square
    expect([...image]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4].map((seen) => (2 * seen) / 9))
  })
})

test('h_0 of a data set: twice the products of samples over their length', () => {
  const input = dataInput([1, 2, 0, 3], 2, 2)
  expect(input).toEqual({
    mean: Float64Array.of(0, 0),
    kernel: Float64Array.of(5, 6, 6, 9),
    exchangeable: false,
  })
  expect(dataInput([1, 2, 3], 3, 1).kernel).toEqual(Float64Array.of(2, 4, 6, 4, 8, 12, 6, 12, 18))
})

describe('where theory cannot begin, a clause says why', () => {
  const experiment = { ...defaultExperiment(), batch: 2, width: 8 }
  const network: NetworkSettings = {
    stages: [{ blocks: 1, width: 8, stride: 1 }],
    shortcut: 'A',
    stem: 'bn-relu',
  }
  test.each([
    [{ stem: 'linear', network } as const, 'the stem ends in a ReLU, so that h_0 is not Gaussian'],
    [{ input: 'sequence', stem: 'linear' } as const, 'positions of a sequence differ in their values'],
    [
      { input: 'mnist1d', stem: 'none' } as const,
      'the input’s values are not Gaussian; with a linear stem they are',
    ],
  ])('%j', (changes, refusal) => {
    expect(streamInput({ ...experiment, ...changes }, null)).toEqual({ ...normalInput('none'), refusal })
  })

  test('elsewhere it begins from the noise or the samples', () => {
    expect(streamInput(experiment, null)).toEqual(normalInput('none'))
    expect(streamInput({ ...experiment, network }, null)).toEqual(normalInput('none'))
    const plain = { ...network, stem: undefined } as NetworkSettings
    expect(streamInput({ ...experiment, stem: 'linear', network: plain }, null)).toEqual(
      normalInput('linear'),
    )
    const images = { ...experiment, input: 'images', stem: 'linear' } as const
    expect(streamInput(images, null)).toEqual(normalInput('linear', { units: 3, rows: 32, columns: 32 }))
    const data = { ...experiment, input: 'mnist1d', stem: 'linear' } as const
    expect(streamInput(data, [1, 2, 0, 3])).toEqual(dataInput([1, 2, 0, 3], 2, 2))
    expect(() => streamInput(data, null)).toThrow('A data set is the input, but no samples were given')
  })
})
