import { describe, expect, test } from 'vitest'
import { dataHash } from '../../../main/data/hash'
import { DATA_SETS, describedData } from '../../../shared/data/data-sets'
import { isRegression, outputsOf, valuesOf, type DataSet } from '../../../shared/data/description'
import { frankeOf, friedmanOf, sincOf } from '../../../shared/data/curves'
import { circles, moons, spirals } from '../../../shared/data/plane'
import { dataSetOf, readKeptData } from '../../../shared/data/samples'
import { scaledRange, scaledSamples, scaleOf } from '../../../shared/data/scale'
import { splitSamples } from '../../../shared/data/split'
import { labelLength, targetScale, targetVariance, wantedOutputs } from '../../../shared/data/targets'
import { checkTrainingBatch, parseExperiment } from '../../../shared/experiment/experiment'
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
  sinc: 'c1dab2b61fb15b1ea414c24b12b13cde59f7cdd87095dc802b728e268a8c9bc4',
  franke: 'ace47b56f99cd4a38d856620cf378eacc9dbdde2d6f41bb49c3528de0e88502c',
  friedman: '62cc57d2432a9ccc91f23e5ad47ba1a41d351625e08c0ee5b9175e4692c7a5cb',
  'teacher-values': '05cef379c7fccfb4d7cf897c3e5133da57e1cfa4ab17957c7f7e292ac8cca44b',
  teacher: 'dbcc61d3cd968a1d522cbe403dede5f0a47db06274340670b67bb3574abcbf51',
}

describe('the data sets that the program has', () => {
  test.each(made.map(({ name }) => name))(
    '%s has what its description says, and always the same numbers',
    (name) => {
      const data = dataSetOf({ data: name })
      const { description, training, test: last, scale } = data
      const counts = [training, last].map(({ y }) => y.length / labelLength(description))
      expect(counts).toEqual([description.training, description.test])
      for (const [i, { x, y }] of [training, last].entries()) {
        expect(x.length).toBe(counts[i] * valuesOf(description))
        if (isRegression(description)) continue
        expect(new Set(y).size).toBe(description.classes)
        expect(Math.max(...y)).toBe(description.classes - 1)
      }
      expect({ [name]: dataHash(data) }).toEqual({ [name]: (HASHES as Record<string, string>)[name] })
      if (!scale) return
      const x = scaledRange(data, training, 0, description.training)
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

describe('real targets', () => {
  /** Target less what the formula says, over a part. */
  const residuals = ({ training: { x, y } }: DataSet, of: (own: ArrayLike<number>) => number) => {
    const length = x.length / y.length
    return Array.from(y, (target, i) => target - of(Array.from(x.subarray(i * length, (i + 1) * length))))
  }
  const momentsOf = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value / values.length, 0)
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0)
    return { mean, deviation: Math.sqrt(square) }
  }

  test('formulas have their known values', () => {
    expect([sincOf(0), sincOf(Math.PI / 2)]).toEqual([1, 2 / Math.PI])
    expect(sincOf(Math.PI)).toBeCloseTo(0, 12)
    // The hill at (2/9, 2/9): its own 0.75, and what the others leave of themselves there.
    expect(frankeOf(2 / 9, 2 / 9)).toBeCloseTo(
      0.75 + 0.75 * Math.exp(-9 / 49 - 0.3) + 0.5 * Math.exp(-26 / 4) - 0.2 * Math.exp(-29),
      12,
    )
    expect(friedmanOf([0.5, 1, 0.5, 0.3, 0.2, 9, 9, 9, 9, 9])).toBeCloseTo(10 + 0 + 3 + 1, 12)
  })

  test.each([
    ['sinc', ([x]: ArrayLike<number> & Iterable<number>) => sincOf(x), 0.1],
    ['friedman', friedmanOf, 1],
  ] as const)('%s is its formula and noise of its deviation', (data, of, noise) => {
    const own = momentsOf(residuals(dataSetOf({ data }), of as (own: ArrayLike<number>) => number))
    expect(Math.abs(own.mean)).toBeLessThan(4 * (noise / Math.sqrt(1600)))
    expect(own.deviation / noise).toBeGreaterThan(0.95)
    expect(own.deviation / noise).toBeLessThan(1.05)
  })

  test('Franke’s surface has no noise', () => {
    const apart = residuals(dataSetOf({ data: 'franke' }), (own) => frankeOf(own[0], own[1]))
    // Both are float32.
    expect(Math.max(...apart.map(Math.abs))).toBeLessThan(1e-6)
  })

  test('the teacher’s largest value is its class', () => {
    const [classes, values] = ['teacher', 'teacher-values'].map((data) => dataSetOf({ data }))
    expect(values.training.x).toEqual(classes.training.x)
    const rows = Array.from(classes.training.y, (_, i) => [
      ...values.training.y.subarray(10 * i, 10 * i + 10),
    ])
    expect(rows.map((row) => row.indexOf(Math.max(...row)))).toEqual([...classes.training.y])
  })

  test('networks are to put out standardised targets, of variance 1 over the training part', () => {
    for (const data of ['sinc', 'teacher-values'].map((name) => dataSetOf({ data: name }))) {
      const outputs = outputsOf(data.description)
      const wanted = wantedOutputs(data, data.training.y)
      expect(wanted).toHaveLength(data.description.training * outputs)
      const own = momentsOf(Array.from(wanted).filter((_, i) => i % outputs === 0))
      expect(own.mean).toBeCloseTo(0, 6)
      expect(own.deviation).toBeCloseTo(1, 6)
      expect(targetVariance(data, data.training, data.description.training)).toBeCloseTo(1, 6)
      const { mean, deviation } = targetScale(data)
      expect(wantedOutputs(data, data.test.y)[0]).toBeCloseTo((data.test.y[0] - mean[0]) / deviation[0], 6)
    }
    expect(targetVariance(dataSetOf({ data: 'moons' }), dataSetOf({ data: 'moons' }).test, 10)).toBeNull()
  })

  test('the variance is that of the samples that are evaluated, mean over the targets', () => {
    const description = { ...OWN_DATA, classes: 0, targets: [{ name: 'a' }, { name: 'b' }] }
    const training = { x: new Float32Array(16), y: Float32Array.of(1, 10, 3, 30, 1, 10, 3, 30) }
    const own: DataSet = { description, training, test: training, scale: null }
    // Deviations of 1 and 10 around 2 and 20.
    expect([...wantedOutputs(own, training.y)]).toEqual([-1, -1, 1, 1, -1, -1, 1, 1])
    const test = { y: Float32Array.of(2, 20, 4, 20, 99, 99, 99, 99) }
    // 2 and 4 become 0 and 2, of variance 1; the other does not change.
    expect(targetVariance(own, test, 2)).toBe(0.5)
  })

  test('labels cannot be smoothed that are none', () => {
    const at = (data: string) => () =>
      checkTrainingBatch(parseExperiment({ data, labelSmoothing: 0.1 }), 'experiment')
    expect(at('moons')).not.toThrow()
    expect(at('sinc')).toThrow(
      'experiment.labelSmoothing: sin(x)/x has real targets, and no labels to smooth.',
    )
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
    [{ targets: [{ name: 'y' }] }, 'experiment.ownData.classes: 3 is out of range.'],
    [{ classes: 0, targets: [] }, 'experiment.ownData.targets: [] are not 1 to 256 targets.'],
    [{ classes: 0, targets: [{ name: 3 }] }, 'experiment.ownData.targets[0]: name and unit are texts'],
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
