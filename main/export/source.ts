import { InputError } from '../../shared/base/errors'
import { changedRemedies } from '../../shared/block/remedies'
import { dataBatch, usesData } from '../../shared/data/batch'
import { trainingExperiment } from '../../shared/experiment/experiment'
import { initialArrays } from '../../shared/export/initial'
import {
  exportedNetwork,
  partsOf,
  type ExportedNetwork,
  type NetworkArrays,
} from '../../shared/export/network'
import { seriesGraphs } from '../../shared/network/series'
import { networkTitle } from '../../shared/network/series-names'
import type { ExportSettings } from '../../shared/export/forms'
import type { RunDocument } from '../../shared/runs/run'
import type { RunLibrary } from '../runs/library'
import { CHECKPOINT_FILE, openCheckpoint, orRefused } from '../trainer/engine/checkpoint/checkpoint'
import * as path from 'node:path'

/** One network of a run, with its weights. */
export interface ExportSource {
  document: RunDocument
  /** Counts from 1. */
  series: number
  /** Counts from 1. */
  replica: number
  network: ExportedNetwork
  arrays: NetworkArrays
}

/** Which networks of a run. */
export type ExportChoice = Pick<ExportSettings, 'series' | 'replica'>

/**
 * The networks of a run that are asked for: trained ones from its checkpoint, those of a measured signal drawn again.
 * @param where the run is named
 * @throws InputError where the run has no such networks, or where batch statistics are not known
 */
export function openSources(
  library: Pick<RunLibrary, 'open' | 'trained'>,
  run: string,
  choice: ExportChoice,
  where = 'run',
): ExportSource[] {
  const document = library.open(run)
  const { kind, state } = document.entry
  if (state === 'running')
    throw new InputError(where, `"${run}" is still running`, 'Wait for its end, or stop it.')
  if (kind === 'train') return trainedSources(library, document, choice, where)
  if (kind === 'signal') return initialSources(document, choice, where)
  throw new InputError(
    where,
    `"${run}" has no weights: a run of kind "${kind}" keeps numbers, not networks`,
    'Name a training, or a measurement of the signal.',
  )
}

function trainedSources(
  library: Pick<RunLibrary, 'trained'>,
  document: RunDocument,
  choice: ExportChoice,
  where: string,
): ExportSource[] {
  const { experiment, entry } = document
  const series = seriesOf(document, choice)
  const network = exportedNetwork(experiment, series - 1, true)
  const file = path.join(library.trained(entry.id, where), CHECKPOINT_FILE)
  const training = trainingExperiment(experiment)
  const { arrays } = openCheckpoint(file, training)
  try {
    const all = new Map(
      orRefused(() =>
        arrayNames(network).map((name) => {
          const inFile = `series.${series}.${name}`
          if (!arrays.shapes.has(inFile)) throw missing(name, entry.id, where)
          return [name, { shape: arrays.shapes.get(inFile)!, values: arrays.values(inFile) }] as const
        }),
      ),
    )
    return replicasOf(choice, training.replicas).map((replica) => ({
      ...{ document, series, replica, network },
      arrays: checked(entry.id, where, network, (name) => {
        const { shape, values } = all.get(name)!
        const [, rows, columns] = shape
        const size = rows * columns
        return { shape: [rows, columns], values: values.subarray((replica - 1) * size, replica * size) }
      }),
    }))
  } finally {
    arrays.close()
  }
}

function initialSources(document: RunDocument, choice: ExportChoice, where: string): ExportSource[] {
  const { entry, environment, experiment } = document
  const series = seriesOf(document, choice)
  const [changed] = changedRemedies(
    [seriesGraphs(experiment)[series - 1].remedy],
    environment?.remedies ?? {},
  )
  if (changed) {
    const what = `what ${changed} does has changed since "${entry.id}" was measured`
    throw new InputError(where, what, 'Measure it anew.')
  }
  const network = exportedNetwork(experiment, series - 1, false)
  const data = usesData(experiment) ? dataBatch(experiment).x : null
  return replicasOf(choice, experiment.replicas).map((replica) => ({
    ...{ document, series, replica, network },
    arrays: initialArrays(network, replica - 1, data),
  }))
}

function seriesOf({ experiment, entry }: RunDocument, { series }: ExportChoice): number {
  const all = seriesGraphs(experiment)
  if (series === null && all.length === 1) return 1
  const names = all.map((one, i) => `${i + 1} (${networkTitle({ ...one, skip: experiment.skip })})`)
  if (series === null) {
    const what = `"${entry.id}" has ${all.length} networks`
    throw new InputError('series', what, `Choose one: ${names.join(', ')}.`)
  }
  if (Number.isInteger(series) && series >= 1 && series <= all.length) return series
  throw new InputError('series', `"${entry.id}" has no series ${series}`, `It has ${names.join(', ')}.`)
}

function replicasOf({ replica }: ExportChoice, count: number): number[] {
  if (replica === null) return Array.from({ length: count }, (_, i) => i + 1)
  if (Number.isInteger(replica) && replica >= 1 && replica <= count) return [replica]
  const hint = count === 1 ? 'Its only one is 1.' : `Give a whole number from 1 to ${count}, or all.`
  throw new InputError('replica', `the run has no replica ${replica}`, hint)
}

/** Names of all arrays that the network needs. */
export function arrayNames(network: ExportedNetwork): string[] {
  const own = partsOf(network).flatMap(({ name, nodes }) =>
    nodes.flatMap(({ id, parameters, statistics }) =>
      [
        ...parameters.filter(({ role }) => role !== 'constant' && role !== 'noise').map(({ role }) => role),
        ...statistics,
      ].map((one) => `${name}.${id}.${one}`),
    ),
  )
  return network.outputs === null ? own : [...own, 'output.weight', 'output.bias']
}

function missing(name: string, run: string, where: string): InputError {
  const isStatistic = /\.(mean|variance)$/.test(name)
  if (!isStatistic) throw new Error(`it has no array "${name}"`)
  return new InputError(
    where,
    `"${run}" has no statistics over the training samples, which batch norm needs in an exported network`,
    'Go on with the training to its end, with --batch-statistics training.',
  )
}

/** @throws InputError for a network that has diverged */
function checked(run: string, where: string, network: ExportedNetwork, arrays: NetworkArrays): NetworkArrays {
  for (const name of arrayNames(network)) {
    if (arrays(name).values.every(Number.isFinite)) continue
    const what = `the network has diverged: "${name}" of "${run}" is not finite`
    throw new InputError(where, what, 'Export another replica, or train with a smaller learning rate.')
  }
  return arrays
}
