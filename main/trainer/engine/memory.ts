import * as os from 'node:os'
import { InputError } from '../../../shared/errors'
import { seriesOf, type Experiment } from '../../../shared/experiment'
import type { ShatterSettings } from '../../../shared/shatter'
import { blockParameters } from '../../../shared/initialisation'

/** Weights drawn once and shared by series are kept up to this much; beyond, they are drawn again. */
export const WEIGHT_BUDGET_BYTES = 1.5 * 2 ** 30

const FLOAT_BYTES = 4
/** TensorFlow, the program itself and slack. */
const BASE_BYTES = 400 * 2 ** 20

/** What measuring needs at its peak, in bytes: all h_k of one series, one block's working set, and weights up to the budget. */
export function signalMemory(experiment: Experiment): number {
  const { blocks, width, batch, replicas } = experiment
  const stream = replicas * batch * width * FLOAT_BYTES
  const graphs = seriesOf(experiment).map((series) => series.block)
  const nodes = Math.max(...graphs.map((graph) => graph.nodes.length))
  const weights = Math.max(...graphs.map((graph) => parameterBytes(graph, width) * replicas))
  return (
    BASE_BYTES +
    stream * (blocks + 1) +
    stream * 4 * (nodes + 2) +
    Math.min(weights * blocks, WEIGHT_BUDGET_BYTES) +
    3 * weights
  )
}

/** What `shatter` needs: the line and the independent inputs go through in turn. */
export function shatterMemory(experiment: Experiment, { points }: ShatterSettings): number {
  return signalMemory({ ...experiment, batch: Math.max(points, experiment.batch) })
}

/** What training needs: every series' parameters, gradients, momentum and one step's activations. */
export function trainMemory(experiment: Experiment): number {
  const { blocks, width, batch, replicas } = experiment
  const stream = replicas * batch * width * FLOAT_BYTES
  return seriesOf(experiment).reduce((bytes, { block }) => {
    const parameters = parameterBytes(block, width) * replicas * blocks
    return bytes + 4 * parameters + stream * 3 * blocks * (block.nodes.length + 2)
  }, BASE_BYTES)
}

function parameterBytes(graph: Parameters<typeof blockParameters>[0], width: number): number {
  return blockParameters(graph, width).reduce((sum, { shape }) => sum + shape[0] * shape[1] * FLOAT_BYTES, 0)
}

/** @throws InputError with the memory needed and what is there, when it does not fit */
export function checkMemory(needed: number, available = availableMemory()): void {
  if (needed <= available) return
  throw new InputError(
    'size',
    `these networks need about ${gigabytes(needed)} of memory and ${gigabytes(available)} is free`,
    'Lower the depth, the width, the batch or the replicas.',
  )
}

/** Free memory, caches that the system gives back included (Linux says so in /proc/meminfo, which os.freemem reads since Node 18). */
function availableMemory(): number {
  return os.freemem()
}

const gigabytes = (bytes: number) => `${Number((bytes / 2 ** 30).toPrecision(3)).toLocaleString('en')} GiB`
