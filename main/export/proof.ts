import { channelsFirst } from '../../shared/export/layout'
import { referenceOutputs } from '../../shared/export/reference'
import { Random } from '../../shared/numerics/random'
import { STREAM } from '../../shared/numerics/random-streams'
import { positions } from '../../shared/numerics/shape'
import type { ExportFormat } from './format'
import type { ExportSource } from './source'

/** Seed and number of the inputs that an export is tried on. */
const SEED = 20260
const SAMPLES = 4

/** That what was written computes what the lab's network does. */
export interface Proof {
  /** Standard normal numbers. */
  inputs: { distribution: 'standard normal'; seed: number; samples: number }
  /** Who opened what was written, and what its outputs were held against. */
  reopenedBy: string
  comparedWith: string
  /** Largest difference of an output. */
  absoluteDifference: number
  /** The same, as a share of the largest output. */
  relativeDifference: number
  /** The inputs and the outputs that the lab computes, sample by sample, channels before positions. */
  check: { inputs: number[][]; outputs: number[][] }
}

/** Beyond this share of the largest output an export is not one: float32 rounds a thousand times finer. */
const MOST_DIFFERENCE = { float32: 1e-4, float16: 0.1 }

/** Opens what was written, and compares. @throws Error where it does not compute the same */
export async function proveExport(
  format: ExportFormat,
  target: string,
  source: ExportSource,
  isFloat16: boolean,
): Promise<Proof> {
  const { network, arrays } = source
  const { input, top, outputs: classes } = network
  const size = input.units * positions(input)
  const x = new Float32Array(SAMPLES * size)
  new Random(SEED, STREAM.input, 0).fillNormal(x, 1)
  const expected = referenceOutputs(network, arrays, x)
  const reopened = await format.reopen(target, source)
  const found = await reopened(x)
  const [absolute, largest] = [0, 0].map((_, which) =>
    expected.reduce((most, value, i) => Math.max(most, Math.abs(which ? value : found[i] - value)), 0),
  )
  const relative = largest > 0 ? absolute / largest : absolute
  const most = MOST_DIFFERENCE[isFloat16 ? 'float16' : 'float32']
  // Also where it is no number.
  if (found.length !== expected.length || !(relative <= most)) {
    throw new Error(
      `The ${format.title} export does not compute what the network does (largest difference ${relative} of the ` +
        'largest output), and was not kept. Please report this with the run.',
    )
  }
  const flat = Float32Array.from(expected)
  const rows = (values: Float32Array) =>
    Array.from({ length: SAMPLES }, (_, s) => {
      const length = values.length / SAMPLES
      return [...values.subarray(s * length, (s + 1) * length)]
    })
  return {
    inputs: { distribution: 'standard normal', seed: SEED, samples: SAMPLES },
    reopenedBy: format.reader,
    comparedWith: 'the lab’s float64 interpreter on the run’s float32 weights',
    absoluteDifference: absolute,
    relativeDifference: relative,
    check: {
      inputs: rows(channelsFirst(x, input)),
      outputs: rows(classes === null ? channelsFirst(flat, top) : flat),
    },
  }
}
