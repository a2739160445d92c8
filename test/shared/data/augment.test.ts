import { describe, expect, test } from 'vitest'
import { augmented, isAugmented, isImage, mostShift, type Augmentation } from '../../../shared/data/augment'
import { vector, type Shape } from '../../../shared/numerics/shape'

const OFF: Augmentation = { augmentShift: 0, augmentCrop: 0, augmentFlip: 'off', augmentNoise: 0 }
const IMAGE: Shape = { units: 2, rows: 3, columns: 4 }
const SIGNAL: Shape = { units: 1, rows: 1, columns: 7 }

/** Values 1, 2, … so that each tells where it came from, and none is a margin's. */
const counted = ({ units, rows, columns }: Shape) =>
  Float32Array.from({ length: units * rows * columns }, (_, i) => i + 1)

/** What many samples that are alike become, once each. */
function outcomes(shape: Shape, changes: Partial<Augmentation>, count = 2000): Map<string, number> {
  const one = counted(shape)
  const x = new Float32Array(count * one.length)
  for (let i = 0; i < count; i++) x.set(one, i * one.length)
  const samples = Int32Array.from({ length: count }, (_, i) => i)
  const out = augmented(x, samples, shape, { ...OFF, ...changes }, { seed: 3, step: 5 })
  const found = new Map<string, number>()
  for (let i = 0; i < count; i++) {
    const key = out.subarray(i * one.length, (i + 1) * one.length).join()
    found.set(key, (found.get(key) ?? 0) + 1)
  }
  return found
}

/** Channels together, row by row. */
const image = (at: (row: number, column: number, unit: number) => number) =>
  Array.from({ length: 24 }, (_, i) => at(Math.floor(i / 8), Math.floor(i / 2) % 4, i % 2)).join()
const value = (row: number, column: number, unit: number) => 8 * row + 2 * column + unit + 1

/** Counts of equally likely outcomes lie within five standard deviations. */
function expectEven(found: Map<string, number>, outcomes: number, count = 2000): void {
  const share = 1 / outcomes
  const deviation = Math.sqrt(count * share * (1 - share))
  for (const one of found.values()) expect(Math.abs(one - count * share)).toBeLessThan(5 * deviation)
}

describe('augmentation', () => {
  test('changes nothing where it is off', () => {
    expect([...outcomes(IMAGE, {}).keys()]).toEqual([counted(IMAGE).join()])
    expect(isAugmented(OFF)).toBe(false)
    for (const on of [{ augmentShift: 1 }, { augmentCrop: 1 }, { augmentFlip: 'on' }, { augmentNoise: 0.1 }])
      expect(isAugmented({ ...OFF, ...on } as Augmentation)).toBe(true)
  })

  test('a flip mirrors columns, half of the time, and keeps channels in their order', () => {
    const found = outcomes(IMAGE, { augmentFlip: 'on' })
    const mirrored = image((row, column, unit) => value(row, 3 - column, unit))
    expect([...found.keys()].sort()).toEqual([counted(IMAGE).join(), mirrored].sort())
    expectEven(found, 2)
  })

  test('a crop is one of (2p + 1)² places in the image with its margin of zeros, all alike', () => {
    const found = outcomes(IMAGE, { augmentCrop: 1 })
    const places = [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].map((right) =>
        image((row, column, unit) => {
          const [y, x] = [row + down, column + right]
          return y < 0 || y > 2 || x < 0 || x > 3 ? 0 : value(y, x, unit)
        }),
      ),
    )
    expect([...found.keys()].sort()).toEqual(places.sort())
    expectEven(found, 9)
  })

  test('a shift of a signal turns it round by up to s either way', () => {
    const found = outcomes(SIGNAL, { augmentShift: 2 })
    const turned = [-2, -1, 0, 1, 2].map((by) =>
      Array.from({ length: 7 }, (_, i) => ((i + by + 7) % 7) + 1).join(),
    )
    expect([...found.keys()].sort()).toEqual(turned.sort())
    expectEven(found, 5)
  })

  test('a shift of an image goes along both axes', () => {
    const found = outcomes(IMAGE, { augmentShift: 1 })
    const shifts = [-1, 0, 1].flatMap((down) =>
      [-1, 0, 1].map((right) =>
        image((row, column, unit) => value((row + down + 3) % 3, (column + right + 4) % 4, unit)),
      ),
    )
    expect([...found.keys()].sort()).toEqual(shifts.sort())
    expectEven(found, 9)
  })

  test('noise has its standard deviation on every value, and is what a table has', () => {
    const x = new Float32Array(20_000)
    const samples = Int32Array.from({ length: 4000 }, (_, i) => i)
    const out = augmented(x, samples, vector(5), { ...OFF, augmentNoise: 0.5 }, { seed: 1, step: 0 })
    const mean = out.reduce((sum, one) => sum + one, 0) / out.length
    const square = out.reduce((sum, one) => sum + one ** 2, 0) / out.length
    // Five standard errors.
    expect(Math.abs(mean)).toBeLessThan((5 * 0.5) / Math.sqrt(out.length))
    expect(Math.abs(square - 0.25)).toBeLessThan(5 * 0.25 * Math.sqrt(2 / out.length))
  })

  test('depends on seed, step and sample alone, not on what else is in the batch', () => {
    const all: Augmentation = { augmentShift: 1, augmentCrop: 1, augmentFlip: 'on', augmentNoise: 0.1 }
    const three = new Float32Array([...counted(IMAGE), ...counted(IMAGE), ...counted(IMAGE)])
    const at = { seed: 1, step: 7 }
    const together = augmented(three, [4, 9, 2], IMAGE, all, at)
    const alone = augmented(counted(IMAGE), [9], IMAGE, all, at)
    expect([...alone]).toEqual([...together.subarray(24, 48)])
    expect(three.subarray(0, 24).join()).toBe(counted(IMAGE).join())
    for (const other of [
      { seed: 2, step: 7 },
      { seed: 1, step: 8 },
    ])
      expect([...augmented(counted(IMAGE), [9], IMAGE, all, other)]).not.toEqual([...alone])
    expect([...together.subarray(0, 24)]).not.toEqual([...alone])
  })

  test('places that one draws stay where another is switched on', () => {
    const at = { seed: 1, step: 0 }
    const crop = { ...OFF, augmentCrop: 1 }
    for (let sample = 0; sample < 20; sample++) {
      const own = augmented(counted(IMAGE), [sample], IMAGE, crop, at)
      const both = augmented(counted(IMAGE), [sample], IMAGE, { ...crop, augmentNoise: 1e-6 }, at)
      own.forEach((one, i) => expect(both[i]).toBeCloseTo(one, 4))
    }
  })

  test('knows which axes there are', () => {
    expect([IMAGE, SIGNAL, vector(5)].map(isImage)).toEqual([true, false, false])
    expect([IMAGE, SIGNAL].map(mostShift)).toEqual([2, 6])
    expect(mostShift(vector(5))).toBe(Infinity)
  })
})
