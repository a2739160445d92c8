import type { Experiment } from '../../../shared/settings/experiment'
import type { SeriesResult } from '../../../shared/signal/results'
import { PENDING_THEORY, type SeriesHeader } from '../../../shared/theory/series'
import type { SignalEvent } from '../../../shared/protocol/protocol'
import type { SignalResult } from '../../../shared/protocol/jobs/signal'
import { emptySummary } from '../../../shared/numerics/statistics'
import type { Backend } from '../backend'
import { Stopped, type ControlBuffer } from './control'
import { deviceStatus } from './device-status'
import { ACTIVATION_BUDGET_BYTES, checkMemory, replicasAtOnce, signalGroups, signalMemory } from './memory'
import { prepareSeries } from './prepared-series'
import { Progress, waitForTurn, waitForTurnNow } from './progress'
import { SignalParts } from './signal-part'
import { measurePart } from './signal-passes'
import { SignalRecord } from './signal-record'
import type { TheoryNews } from './series-theory'
import { theoriesHere, type AskTheories } from './theories'

/**
 * Draws the networks of every series and measures how the signal goes through them: forward block by block,
 * then backward from an independent standard normal gradient per sample and value at the top. Backward
 * computes each block's forward pass once more, so only the h_k are kept: a thousand blocks fit into memory.
 * Series that fit are measured together, depth by depth (`signalGroups`); replicas of one that do not fit together, in
 * parts.
 * Theory comes from elsewhere meanwhile: its events stand anywhere among the others, and the result has all of it.
 * @param budget bytes for the activations of the replicas that are measured together
 * @throws InputError when the networks do not fit; a stop is no error (finished: false)
 */
export async function measureSignal(
  backend: Backend,
  experiment: Experiment,
  control: ControlBuffer,
  emit: (event: SignalEvent) => void,
  budget = ACTIVATION_BUDGET_BYTES,
  askTheories: AskTheories = theoriesHere,
): Promise<SignalResult> {
  const prepared = prepareSeries(experiment)
  checkMemory(signalMemory(experiment, prepared))
  const headers = prepared.map(({ series }): SeriesHeader => ({ ...series, theory: PENDING_THEORY }))
  emit({ type: 'started', device: deviceStatus(backend), experiment, series: headers })
  const results = headers.map((header) => emptyResult(header, experiment.blocks))
  const plans = prepared.map(({ plan }) => plan)
  const sizes = plans.map((plan) => replicasAtOnce(plan, experiment, budget))
  const parts = sizes.map((size) => Math.ceil(experiment.replicas / size))
  const total = parts.reduce((sum, count) => sum + 2 * count * experiment.blocks, 0)
  const progress = new Progress(total, 'blocks', emit)
  const networks = new SignalParts(backend.tf, experiment, plans[0])
  const theories = askTheories(experiment, prepared)
  const take = (news: readonly TheoryNews[]) =>
    news.forEach(({ series, theory, isWhole }) => {
      results[series].theory = theory
      if (!isWhole) emit({ type: 'theory', series, theory })
    })
  const turn = async () => {
    take(theories.come())
    await waitForTurn({ control, progress })
  }
  try {
    for (const group of signalGroups(plans, experiment, budget)) {
      const started = performance.now()
      const { replicas } = experiment
      const record = (i: number) => new SignalRecord(results[i], i, replicas, emit)
      const series = group.map((i) => ({ plan: plans[i], record: record(i) }))
      const atOnce = sizes[group[0]]
      for (let first = 0; first < replicas; first += atOnce) {
        const part = await networks.replicas(first, Math.min(atOnce, replicas - first))
        await measurePart({ backend, turn, progress, series, replicas }, part)
      }
      const seconds = (performance.now() - started) / 1000
      group.forEach((i) => (results[i].seconds = seconds / group.length))
    }
    const turnNow = () => waitForTurnNow({ control, progress })
    take(await theories.rest(turnNow, () => progress.say('Waiting for theory')))
    return { finished: true, series: results }
  } catch (error) {
    if (error instanceof Stopped) return { finished: false, series: results }
    throw error
  } finally {
    theories.end()
    networks.dispose()
  }
}

function emptyResult(header: SeriesHeader, blocks: number): SeriesResult {
  const stream = () => emptySummary(blocks + 1)
  return {
    ...header,
    q: stream(),
    v: stream(),
    m: stream(),
    p: stream(),
    weightGradientNorm2: emptySummary(blocks),
    seconds: 0,
  }
}
