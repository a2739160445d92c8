import { blockParameters } from '../../../shared/network/parameters'
import type { PlannedBlock } from '../../../shared/network/plan'
import type { Backend } from '../backend'
import { createProgram, type Compiled, type Program } from '../compile'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { forwardStatistics, linearNodes, safeMeanSquare, weightGradientSquare } from './statistics'
import type { Tensor, TfModule } from './tensor'

/** What comes out of a step, all the caller's to dispose. */
export interface StepOutput {
  /** Of each series. */
  streams: Tensor[]
  /** Of all series in a row, as long for each: one transfer. */
  statistics: Tensor
}

/**
 * The steps of the blocks that some series have at one depth, compiled as one: TensorFlow computes at the same time
 * what does not wait for each other, and each series computes what it computes alone, to the last bit.
 */
export class SignalSteps {
  private readonly programs: Program[]
  private readonly forwardStep: Compiled
  private readonly backwardStep: Compiled

  /**
   * @param blocks one of each series
   * @param isCompiled false: they run as written, which takes less time where that is done once
   */
  constructor(backend: Backend, blocks: readonly PlannedBlock[], batch: number, isCompiled: boolean) {
    const { tf } = backend
    const parameters = blocks.map(({ graph, place }) => blockParameters(graph, place).length)
    const ofEach = (streams: number, one: OneStep) => (inputs: Tensor[]) => {
      let at = 0
      const outputs = blocks.map((block, i) => {
        const own = inputs.slice(at, (at += streams + parameters[i]))
        return tf.tidy(() => one(tf, block, own, batch))
      })
      return [...outputs.map(([stream]) => stream), tf.concat(outputs.map(([, statistics]) => statistics))]
    }
    // Each has a graph of its own: when one is recorded, the other stays loaded.
    this.programs = [0, 1].map(() => createProgram(isCompiled ? backend : { tf, loadGraph: null }))
    const [forward, backward] = this.programs
    this.forwardStep = forward.define('forward through a block', ofEach(1, forwardOne))
    this.backwardStep = backward.define('backward through a block', ofEach(2, backwardOne))
  }

  /**
   * @param inputs of each series: h_{k-1} and the block's parameters
   * @returns h_k, and statistics as `forwardStatistics` makes them
   */
  forward(inputs: readonly Tensor[][]): StepOutput {
    return run(this.forwardStep, inputs)
  }

  /**
   * @param inputs of each series: h_{k-1}, g_k and the block's parameters
   * @returns g_{k-1}, and as statistics its mean square and the squared norm of the weight gradients, R each
   */
  backward(inputs: readonly Tensor[][]): StepOutput {
    return run(this.backwardStep, inputs)
  }

  dispose(): void {
    this.programs.forEach((program) => program.dispose())
  }
}

/** A series' part of a step. @returns its stream and its statistics */
type OneStep = (tf: TfModule, block: PlannedBlock, inputs: Tensor[], batch: number) => [Tensor, Tensor]

const forwardOne: OneStep = (tf, block, [h, ...flat], batch) => {
  const trace = forwardPlanned(tf, block, h, flat)
  return [trace.output, forwardStatistics(tf, block.graph, trace, trace.output, batch)]
}

const backwardOne: OneStep = (tf, block, [h, gradient, ...flat], batch) => {
  const trace = forwardPlanned(tf, block, h, flat)
  const back = backwardPlanned(tf, block, trace, gradient, flat)
  const ofWeights = linearNodes(block.graph).flatMap((id) => back.parameters.get(id)?.slice(0, 1) ?? [])
  // The loss is a mean over the batch; the gradient at the top is one sample's.
  const norm2 = tf.div(weightGradientSquare(tf, ofWeights, h.shape[0]), tf.scalar(batch ** 2))
  return [back.input, tf.concat([safeMeanSquare(tf)(back.input), norm2])]
}

/**
 * A step is recorded while it runs operation by operation, which rounds otherwise than its graph. That run counts for
 * nothing: no number depends on what was measured before it.
 */
function run(step: Compiled, inputs: readonly Tensor[][]): StepOutput {
  const { traces } = step
  let outputs = step(inputs.flat())
  if (step.traces > traces) {
    outputs.forEach((output) => output.dispose())
    outputs = step(inputs.flat())
  }
  return { streams: outputs.slice(0, -1), statistics: outputs.at(-1)! }
}

/** Steps that stay compiled; of others' than these, the ones used longest ago go first. */
const MOST_KEPT = 48
const keptOf = new WeakMap<Backend, Map<string, SignalSteps>>()

/**
 * Compiled steps by what they compute: whoever measures equal blocks again, from whatever weights, finds them. They
 * stay the bank's, and are good until others are asked for.
 * @param blocks one of each series
 * @param replicas of each series
 */
export function compiledSteps(
  backend: Backend,
  blocks: readonly PlannedBlock[],
  { replicas, batch }: { replicas: number; batch: number },
): SignalSteps {
  const kept = keptOf.get(backend) ?? new Map<string, SignalSteps>()
  keptOf.set(backend, kept)
  const kinds = blocks.map(({ graph, place }) => [graph.nodes, graph.output, place])
  const key = JSON.stringify([replicas, batch, kinds])
  const steps = kept.get(key) ?? new SignalSteps(backend, blocks, batch, true)
  // The last of the map is the one used last.
  kept.delete(key)
  kept.set(key, steps)
  if (kept.size > MOST_KEPT) {
    const [oldest, unused] = kept.entries().next().value!
    kept.delete(oldest)
    unused.dispose()
  }
  return steps
}
