import { describe, expect, test } from 'vitest'
import { dataHash } from '../../../main/data/hash'
import { DATA_SETS, describedData } from '../../../shared/data/data-sets'
import { valuesOf } from '../../../shared/data/description'
import { circles, moons, spirals } from '../../../shared/data/plane'
import { dataSetOf, readKeptData } from '../../../shared/data/samples'
import { scaledRange, scaledSamples, scaleOf } from '../../../shared/data/scale'
import { splitSamples } from '../../../shared/data/split'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { OWN_DATA } from './own-data'

const made = DATA_SETS.filter(({ make }) => make !== null)

/** What runs that were kept name: the data sets of the program never change. */
const HASHES = {
  mnist1d: 'f6d4dd815a6b637010f42ff81a7d4a84e37aa8b4a7b07120f74e4a712e142e9a',
  digits: 'badd5e2ab724487663c4c37fa1ddea0154f441b24540f7fa491027dc6adbd4fc',
  spirals: '108f0d61a5aeb43e5a8b8358b91d6b2801eeed30b3e7be22c2812043d39aa889',
  circles: '34e038ac90525e9dd1c2756c10dc67e2174cce5e8c69f8c3e5c54447f3d9bd07',
  moons: 'c14dc18730268c1b92cac197cf98edcd6eb447fe0028c2f24588665120448aed',
  teacher: 'dbcc61d3cd968a1d522cbe403dede5f0a47db06274340670b67bb3574abcbf51',
}

describe('the data sets that the program has', () => {
  test.each(made.map(({ name }) => name))(
    '%s has what its description says, and always the same numbers',
    (name) => {
      const data = dataSetOf({ data: name })
      const { description, training, test: last, scale } = data
      expect([training.y.length, last.y.length]).toEqual([description.training, description.test])
      for (const { x, y } of [training, last]) {
        expect(x.length).toBe(y.length * valuesOf(description))
        expect(new Set(y).size).toBe(description.classes)
        expect(Math.max(...y)).toBe(description.classes - 1)
      }
      expect({ [name]: dataHash(data) }).toEqual({ [name]: (HASHES as Record<string, string>)[name] })
      if (!scale) return
      const x = scaledRange(data, training, 0, training.y.length)
      const mean = x.reduce((sum, value) => sum + value, 0) / x.length
      const square = x.reduce((sum, value) => sum + value ** 2, 0) / x.length
      expect(mean).toBeCloseTo(0, 5)
      expect(square).toBeCloseTo(1, 5)
    },
  )

  test('circles have their radii, moons and spirals their centres', () => {
    const radius = (label: number) => {
      const { x, y } = circles()
      const all = [...y].flatMap((one, i) => (one === label ? Math.hypot(x[2 * i], x[2 * i + 1]) : []))
      return all.reduce((sum, one) => sum + one, 0) / all.length
    }
    expect(radius(0)).toBeCloseTo(1, 1)
    expect(radius(1)).toBeCloseTo(0.5, 1)
    const centre = ({ x, y }: { x: Float32Array; y: Uint8Array }, label: number) =>
      [0, 1].map((axis) => {
        const all = [...y].flatMap((one, i) => (one === label ? x[2 * i + axis] : []))
        return all.reduce((sum, one) => sum + one, 0) / all.length
      })
    // The mean of a half circle's height is 2/π.
    expect(centre(moons(), 0)[1]).toBeCloseTo(2 / Math.PI, 1)
    expect(centre(moons(), 1)[0]).toBeCloseTo(1, 1)
    expect(centre(moons(), 1)[1]).toBeCloseTo(0.5 - 2 / Math.PI, 1)
    const { x, y } = spirals()
    y.forEach((_, i) => expect(Math.hypot(x[2 * i], x[2 * i + 1])).toBeCloseTo((i % 1000) / 999, 4))
  })

  test('the digits are those of scikit-learn: its first one, and its sum', () => {
    const { training, test: last } = dataSetOf({ data: 'digits' })
    const sum = [training, last]
      .flatMap(({ x }) => [...x.subarray(0, x.length)])
      .reduce((all, value) => all + value, 0)
    expect(sum).toBe(561718)
    const counts = new Array<number>(10).fill(0)
    for (const label of [...training.y, ...last.y]) counts[label]++
    expect(counts).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  })
})

describe('parts and scales', () => {
  test('a split keeps every sample with its label, and the same seed the same parts', () => {
    const x = Uint8Array.from({ length: 40 }, (_, i) => i)
    const y = Uint8Array.from({ length: 20 }, (_, i) => i)
    const parts = splitSamples(x, y, 5, 3)
    expect([parts.training.y.length, parts.test.y.length]).toEqual([15, 5])
    const labels = [...parts.training.y, ...parts.test.y]
    expect([...labels].sort((a, b) => a - b)).toEqual([...y])
    expect([...parts.training.x, ...parts.test.x]).toEqual(labels.flatMap((one) => [2 * one, 2 * one + 1]))
    expect(splitSamples(x, y, 5, 3)).toEqual(parts)
    expect(splitSamples(x, y, 5, 4)).not.toEqual(parts)
  })

  test('each value has its own mean and deviation, and one that never changes becomes 0', () => {
    const x = Float32Array.of(1, 7, 3, 7, 5, 7)
    const scale = scaleOf({ x }, 2)
    expect([...scale.mean]).toEqual([3, 7])
    expect(scale.deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 12)
    expect(scale.deviation[1]).toBe(1)
    const description = { ...OWN_DATA, shape: { units: 2, rows: 1, columns: 1 } }
    const values = scaledSamples({ description, scale }, { x }, [2, 0])
    expect([...values].map((value) => Number(value.toFixed(4)))).toEqual([1.2247, 0, -1.2247, 0])
  })
})

describe('in an experiment', () => {
  test('an unknown name is refused with the nearest one', () => {
    expect(() => parseExperiment({ data: 'spiral' })).toThrow(
      'experiment.data: "spiral" is not a choice. Did you mean "spirals"?',
    )
  })

  test('the user’s own is described in it, by name and hash', () => {
    const experiment = parseExperiment({ data: 'flowers', ownData: OWN_DATA })
    expect(experiment).toMatchObject({ data: 'flowers', ownData: OWN_DATA })
    expect(parseExperiment(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment)
    expect(describedData(experiment)).toEqual(OWN_DATA)
    expect(() => parseExperiment({ data: 'flowers' })).toThrow('experiment.data: "flowers" is not a choice.')
  })

  test.each([
    [{ name: 'moons' }, 'experiment.ownData.name: the program has a data set "moons" of its own.'],
    [{ name: '../x' }, 'experiment.ownData.name: "../x" is no name for a data set.'],
    [{ classes: 1 }, 'experiment.ownData.classes: 1 is out of range.'],
    [{ sha256: 'x' }, 'experiment.ownData.sha256: "x" is no SHA-256 in hexadecimal.'],
    [{ shape: { units: 4, rows: 0, columns: 1 } }, 'experiment.ownData.shape.rows'],
    [{ classNames: ['a'] }, 'experiment.ownData.classNames: these are not as many words as classes.'],
  ])('%j is refused', (change, message) => {
    const act = () => parseExperiment({ data: 'flowers', ownData: { ...OWN_DATA, ...change } })
    expect(act).toThrow(message)
  })

  test('samples that are on another’s disk are asked for, and refused where nobody has them', () => {
    expect(() => dataSetOf({ data: 'flowers', ownData: OWN_DATA })).toThrow(
      'data: the samples of flowers are not here.',
    )
    const { make: _make, ...moonsAre } = DATA_SETS.find(({ name }) => name === 'moons')!
    const data = { ...dataSetOf({ data: 'moons' }), description: moonsAre }
    readKeptData(() => data)
    expect(dataSetOf({ data: 'flowers', ownData: OWN_DATA })).toBe(data)
  })

  test('as before, MNIST-1D is what is learned where nothing is said', () => {
    expect(defaultExperiment().data).toBe('mnist1d')
    expect(Object.keys(defaultExperiment())).not.toContain('ownData')
  })
})
