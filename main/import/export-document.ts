import { finiteNumber, objectOf, trueOrFalse } from '../../shared/base/check'
import { InputError } from '../../shared/base/errors'
import { readDocument } from '../../shared/base/document'
import { parseExperiment } from '../../shared/experiment/experiment'
import { channelsLast } from '../../shared/export/layout'
import type { ExportedNetwork, NetworkArrays } from '../../shared/export/network'
import { referenceOutputs } from '../../shared/export/reference'
import { seriesOf } from '../../shared/network/series'
import { positions } from '../../shared/numerics/shape'
import type { Experiment } from '../../shared/settings/experiment'
import { EXPORT_TEXT, PROOF_TEXT } from '../export/format'
import { MOST_DIFFERENCE, differenceOf } from '../export/proof'
import { MOST_TEXT_BYTES } from './weights-file'

/** What an export says of where it came from, as far as it is read. */
export interface ExportDocument {
  experiment: Experiment
  /** Both count from 1. */
  series: number
  replica: number
  isFloat16: boolean
  isFolded: boolean
  run: { id: string; name: string; kind: string; device: string; steps: number | null }
}

const HINT = 'Export the run again.'
const LONGEST_TEXT = 1000

/** @throws InputError with place, cause and hint: the text may be of anyone's making */
export function parseExportDocument(text: string): ExportDocument {
  const given = objectOf(read(text, EXPORT_TEXT), EXPORT_TEXT, 'this is no export', HINT)
  const at = (key: string) => `${EXPORT_TEXT}.${key}`
  if (given.version !== 1)
    throw new InputError(at('version'), 'another version of Residual Lab wrote it', 'Use that version.')
  const experiment = parseExperiment(given.experiment, at('experiment'))
  const run = objectOf(given.run, at('run'), 'this is no run', HINT)
  const textOf = (key: string) => {
    const value = run[key]
    if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value
    throw new InputError(at(`run.${key}`), 'this is no text', HINT)
  }
  const count = (value: unknown, key: string, maximum: number) => {
    const found = finiteNumber(value, at(key), { minimum: key === 'run.steps' ? 0 : 1, maximum })
    if (Number.isInteger(found)) return found
    throw new InputError(at(key), 'this is no whole number', HINT)
  }
  const { numbers } = given
  if (numbers !== 'float32' && numbers !== 'float16')
    throw new InputError(at('numbers'), 'this is no type of numbers', HINT)
  return {
    experiment,
    series: count(given.series, 'series', seriesOf(experiment).length),
    replica: count(given.replica, 'replica', Number.MAX_SAFE_INTEGER),
    isFloat16: numbers === 'float16',
    isFolded: trueOrFalse(given.batchNormsFolded, at('batchNormsFolded')),
    run: {
      ...{ id: textOf('id'), name: textOf('name'), kind: textOf('kind'), device: textOf('device') },
      steps: run.steps === undefined ? null : count(run.steps, 'run.steps', Number.MAX_SAFE_INTEGER),
    },
  }
}

/**
 * Whether weights give the outputs that an export's proof holds.
 * @returns the largest difference, as a share of the largest output
 * @throws InputError where they do not, or where it is no proof
 */
export function provenDifference(
  text: string,
  network: ExportedNetwork,
  arrays: NetworkArrays,
  isFloat16: boolean,
): number {
  const { check } = objectOf(read(text, PROOF_TEXT), PROOF_TEXT, 'this is no proof', HINT)
  const { inputs, outputs } = objectOf(check, `${PROOF_TEXT}.check`, 'this is no proof', HINT)
  const { input } = network
  const x = numbersOf(inputs, 'inputs', input.units * positions(input))
  const expected = numbersOf(outputs, 'outputs', network.outputs!)
  const found = Float32Array.from(referenceOutputs(network, arrays, channelsLast(x, input)))
  if (found.length !== expected.length)
    throw new InputError(`${PROOF_TEXT}.check.outputs`, 'they are not as many as the inputs', HINT)
  const { relative } = differenceOf(found, expected)
  // Also where it is no number.
  if (relative <= MOST_DIFFERENCE[isFloat16 ? 'float16' : 'float32']) return relative
  const what = `its weights do not give the outputs that the export was proven with (off by ${relative.toPrecision(2)})`
  throw new InputError(PROOF_TEXT, what, 'They were changed since. Import them with --run, or export again.')
}

const read = (text: string, where: string) => readDocument(text, where, HINT, { longest: MOST_TEXT_BYTES })

const MOST_SAMPLES = 100

/** Samples of so many numbers, one after the other. */
function numbersOf(value: unknown, key: string, each: number): Float32Array {
  const samples = Array.isArray(value) && value.length <= MOST_SAMPLES ? (value as unknown[]) : []
  const isSample = (one: unknown) =>
    Array.isArray(one) && one.length === each && one.every((x) => typeof x === 'number')
  if (samples.length > 0 && samples.every(isSample)) return Float32Array.from((samples as number[][]).flat())
  throw new InputError(`${PROOF_TEXT}.check.${key}`, `these are no samples of ${each} numbers`, HINT)
}
