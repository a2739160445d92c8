import { channelsFirst } from '../../shared/export/layout'
import { referenceOutputs } from '../../shared/export/reference'
import type { ExportProof } from '../../shared/export/forms'
import { isStandardised } from '../../shared/export/weights'
import { Random } from '../../shared/numerics/random'
import { STREAM } from '../../shared/numerics/random-streams'
import { positions } from '../../shared/numerics/shape'
import type { ExportFormat } from './format'
import type { ExportSource } from './source'

/** Seed and number of the inputs that an export is tried on. */
const SEED = 20260
const SAMPLES = 4

/** With what another program's reader needs to try it again. */
export interface Proof extends ExportProof {
  /** The inputs and the outputs that the lab computes, sample by sample, channels before positions. */
  check: { inputs: number[][]; outputs: number[][] }
}

/** What an export is held against. */
export interface Trial {
  /** [samples, position × channel] */
  x: Float32Array
  /** What the lab's network makes of it. */
  expected: Float64Array
}

/** Beyond this share of the largest output an export is not one: float32 rounds a thousand times finer. */
export const MOST_DIFFERENCE = { float32: 1e-4, float16: 0.1 }

/** The inputs that a network is tried on, and its outputs. */
export function trialOf({ network, arrays }: ExportSource): Trial {
  const { input } = network
  const x = new Float32Array(SAMPLES * input.units * positions(input))
  new Random(SEED, STREAM.input, 0).fillNormal(x, 1)
  return { x, expected: referenceOutputs(network, arrays, x) }
}

/**
 * How far outputs are from what is expected, and what share that is of the largest that is expected.
 * @returns no numbers where one of the outputs is none, or is missing
 */
export function differenceOf(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
): { absolute: number; relative: number } {
  let [absolute, largest] = [0, 0]
  for (let i = 0; i < expected.length; i++) {
    absolute = Math.max(absolute, Math.abs(found[i] - expected[i]))
    largest = Math.max(largest, Math.abs(expected[i]))
  }
  return { absolute, relative: largest > 0 ? absolute / largest : absolute }
}

/** How weights lie in an export, beside their order. */
export const weightsText = ({ keepsWeights }: ExportFormat, { network }: ExportSource): string =>
  keepsWeights || !isStandardised(network)
    ? 'as the run has them'
    : 'as they act: those that the network standardises before use are standardised already'

/** Opens what was written, and compares. @throws Error where it does not compute the same */
export async function proveExport(
  format: ExportFormat,
  target: string,
  source: ExportSource,
  { x, expected }: Trial,
  isFloat16: boolean,
): Promise<Proof> {
  const { input, top, outputs: classes } = source.network
  const reopened = await format.reopen(target, source)
  const found = await reopened(x)
  const { absolute, relative } = differenceOf(found, expected)
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
    weights: weightsText(format, source),
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
