import * as path from 'node:path'
import { InputError, printable } from '../../shared/base/errors'
import { parseExperiment } from '../../shared/experiment/experiment'
import { exportedNetwork, type ExportedNetwork, type NetworkArrays } from '../../shared/export/network'
import { isStandardised } from '../../shared/export/weights'
import { expectedLayers } from '../../shared/import/expected'
import { matchTensors, valuesFor, type Matching } from '../../shared/import/match'
import type { ImportLook } from '../../shared/import/look'
import { matchTable, provenWords, tableWords } from '../../shared/import/table'
import { seriesOf } from '../../shared/network/series'
import type { Experiment } from '../../shared/settings/experiment'
import { EXPORT_TEXT, PROOF_TEXT } from '../export/format'
import type { RunLibrary } from '../runs/library'
import { parseExportDocument, provenDifference, type ExportDocument } from './export-document'
import { exportNamings } from './names'
import { openWeights } from './open'
import type { WeightsFile } from './weights-file'

/** Whose network a file's weights are for. */
export interface Architecture {
  experiment: Experiment
  /** Counts from 1. */
  series: number
  /** "the run fern-12", "the options". */
  of: string
}

/** A run's network. @param series counts from 1; null: its only one @throws InputError where it has no such one */
export function runArchitecture(
  library: Pick<RunLibrary, 'open'>,
  run: string,
  series: number | null,
): Architecture {
  const { experiment } = library.open(run)
  return architectureOf(experiment, series, `the run ${run}`)
}

/** @throws InputError where there is no network of this number */
export function architectureOf(experiment: Experiment, series: number | null, of: string): Architecture {
  const { length } = seriesOf(experiment)
  if (series === null && length === 1) return { experiment, series: 1, of }
  if (series !== null && series >= 1 && series <= length) return { experiment, series, of }
  const what = series === null ? `there are ${length} networks` : `there is no network ${series}`
  throw new InputError('--series', what, `Give a whole number from 1 to ${length}.`)
}

/** A network with its weights, ready to become a run. */
export interface ImportedNetwork extends ImportLook {
  /** With this network's series alone. */
  experiment: Experiment
  /** Of each replica. */
  arrays: NetworkArrays[]
  /** Updates that the networks have had; null: the file does not say. */
  steps: number | null
  /** What is said of the run. */
  note: string
}

/**
 * Which of a file's tensors are which arrays of a network: that of an export is known, of another's file it is given.
 * @param architecture null: the export's own
 * @throws InputError where the file cannot be read, or nobody says whose weights they are
 */
export async function lookAtWeights(given: string, architecture: Architecture | null): Promise<ImportLook> {
  return withMatching(given, architecture, ({ look }) => look)
}

/** The same, with the weights. @throws InputError also where they are not all there */
export async function importedNetwork(
  given: string,
  architecture: Architecture | null,
): Promise<ImportedNetwork> {
  return withMatching(given, architecture, ({ look, experiment, files, matchings, document, network }) => {
    const problem = matchings.find((one) => one.problem)?.problem
    if (problem) throw problem
    const arrays = files.map((file, i) => readArrays(file, matchings[i], network, look.file))
    const differences = files.map(({ texts }, i) => {
      const proof = document && texts.get(PROOF_TEXT)
      return proof ? provenDifference(proof, network, arrays[i], document.isFloat16) : null
    })
    const difference = differences.includes(null) ? null : Math.max(...(differences as number[]))
    const done = { ...look, difference, experiment, arrays, steps: document?.run.steps ?? null }
    return { ...done, note: noteOf(done, document, architecture, network) }
  })
}

interface Matched {
  look: ImportLook
  experiment: Experiment
  files: WeightsFile[]
  matchings: Matching[]
  /** Null: the architecture is given. */
  document: ExportDocument | null
  network: ExportedNetwork
}

async function withMatching<T>(
  given: string,
  architecture: Architecture | null,
  work: (matched: Matched) => T,
): Promise<T> {
  const file = printable(path.basename(path.resolve(given)))
  const files = await openWeights(given)
  try {
    const documents = architecture ? [] : files.map((one) => documentOf(one, file))
    const [document = null] = documents
    const { experiment, series } = architecture ?? document!
    checkReplicas(documents, file)
    const own = ofOneSeries(experiment, series, files.length)
    const network = exportedNetwork(own, 0, true)
    const namings = exportNamings(network)
    const matchings = files.map(({ tensors }) => matchTensors(network, tensors, namings, file))
    const problem = matchings.find((one) => one.problem)?.problem?.message ?? null
    const look: ImportLook = {
      ...{ file, form: files[0].title, network: network.title },
      ...{ replicas: files.length, from: document?.run ?? null, table: matchTable(matchings[0]) },
      ...{ difference: null, problem },
    }
    return work({ look, experiment: own, files, matchings, document, network })
  } finally {
    files.forEach((one) => one.close())
  }
}

/** An experiment whose only series is one of another's, in so many replicas. */
function ofOneSeries(experiment: Experiment, series: number, replicas: number): Experiment {
  const { block, remedy } = seriesOf(experiment)[series - 1]
  const given = [...experiment.block, ...experiment.compare]
  const own = given.find((one) => (typeof one === 'string' ? one : one.name) === block.name) ?? block
  const changed = { ...experiment, block: [own], remedies: [remedy], compare: [], trainReplicas: replicas }
  // More replicas than any training has are refused.
  return parseExperiment(changed, 'experiment')
}

/** @throws InputError where it is no export, or one that cannot become a run */
function documentOf({ texts }: WeightsFile, file: string): ExportDocument {
  const text = texts.get(EXPORT_TEXT)
  if (text === undefined) {
    const hint = 'Name a run of the same architecture with --run, or describe it by the options of train.'
    throw new InputError(file, 'it holds weights, and does not say of which network', hint)
  }
  const document = parseExportDocument(text)
  const { kind, id } = document.run
  if (kind !== 'train') {
    const what = `it holds a network as "${id}" has drawn it, without outputs to train`
    throw new InputError(file, what, 'Its experiment draws the same one: give its seed to signal or train.')
  }
  if (!document.isFolded) return document
  const what = 'its batch norms are part of the layers before (--fold), and a run has them apart'
  throw new InputError(file, what, 'Export the run again without --fold.')
}

/** @throws InputError where several exports are not replicas of one network */
function checkReplicas(documents: readonly ExportDocument[], file: string): void {
  const keys = documents.map(({ replica: _, ...rest }) => JSON.stringify(rest))
  if (new Set(keys).size <= 1) return
  throw new InputError(file, 'its exports are of several networks', 'Import them one by one.')
}

/** @throws InputError where numbers cannot be read, or are none */
function readArrays(
  file: WeightsFile,
  { matches, unneeded }: Matching,
  network: ExportedNetwork,
  where: string,
): NetworkArrays {
  const known = new Map<string, ReturnType<NetworkArrays>>()
  for (const match of matches) {
    const { source, rows, columns } = match.array
    const found = file.values(match.tensor)
    if (found.length !== rows * columns)
      throw new InputError(where, `"${match.tensor.name}" has another size than its shape`, 'Save it again.')
    if (!found.every(Number.isFinite)) {
      const what = `"${match.tensor.name}" holds a number that is not finite`
      throw new InputError(where, what, 'Import the weights of a network that has not diverged.')
    }
    known.set(source, { shape: [rows, columns], values: valuesFor(match, found) })
  }
  for (const { source, rows, columns } of unneeded)
    known.set(source, { shape: [rows, columns], values: new Float32Array(rows * columns) })
  const missing = expectedLayers(network).flatMap(({ arrays }) =>
    arrays.filter(({ source }) => !known.has(source)),
  )
  if (missing.length) throw new Error(`no weights of ${missing[0].source}`)
  return (name) => known.get(name)!
}

/** What is said of the run: where its weights came from, and what they lack. */
function noteOf(
  { file, form, table, difference, replicas, steps }: Pick<ImportedNetwork, keyof ImportLook | 'steps'>,
  document: ExportDocument | null,
  architecture: Architecture | null,
  network: ExportedNetwork,
): string {
  const which = document && (replicas === 1 ? `replica ${document.replica}` : `${replicas} replicas`)
  const from = document
    ? `${which} of network ${document.series} of the run ${document.run.id}`
    : `weights for the architecture of ${architecture!.of}`
  return [
    `Imported from ${file} (${form}): ${from}.`,
    `${tableWords(table)}.`,
    ...provenWords(difference),
    ...(document?.isFloat16 ? ['Its weights were rounded to half precision (float16).'] : []),
    ...(isStandardised(network) && !['safetensors', 'NPZ'].includes(form)
      ? ['Standardised weights are in it as they act; standardising them again changes last digits.']
      : []),
    ...(steps === null ? ['How many updates its networks have had is not known; it counts 0.'] : []),
    'It has no curves: its training was elsewhere.',
  ].join(' ')
}
