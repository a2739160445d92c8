import type { Experiment } from '../../../shared/settings/experiment'
import type { Compiled, Program } from '../compile'
import { OPTIMIZERS } from './optimizer'
import type { Tensor } from './tensor'
import type { Layer, Learned, TrainableParameters } from './trainable-parameters'
import { gradientSquare, heldIn, updateRatio, type Change, type Held } from './training-parts'

/** Whether statistics are taken. */
export type Look = 'plain' | 'probed'

/** A list that is taken from its front. */
export class Line {
  private at = 0
  constructor(private readonly all: readonly Tensor[]) {}
  take = (count: number): Tensor[] => this.all.slice(this.at, (this.at += count))
  next = (): Tensor => this.all[this.at++]
}

/** What one series learns in one part of its networks. */
export interface Learning {
  parameters: TrainableParameters
  /** From the top down: the order in which gradients are found. */
  trained: readonly Learned[]
  /** Whose weights' updates are measured. */
  blocks: readonly Layer[]
}

/** What a backward pass found for one series. */
export interface Learnt {
  trained: readonly Learned[]
  /** What the step makes of each; null: it waits until the norm of all gradients is known. */
  changes: Change[] | null
  /** Each gradient and the sum of its squares [R], where it waits. */
  waiting: { gradient: Tensor; square: Tensor }[]
  /** Norms of the updates of each block's weights as shares of their own, [blocks × R]; none where nobody looks. */
  ratios: Tensor[]
}

/**
 * How parts of networks that are compiled on their own update what they learn: with the gradients, or, where these are
 * clipped by the norm of all parts' together, in a step after all of them.
 */
export class Updates {
  private readonly steps: Record<Look, Compiled>
  private readonly slots: number
  readonly factors: number
  private readonly isClipped: boolean

  /** @param like of the series, that stand for all that are equal */
  constructor(
    program: Program,
    private readonly experiment: Experiment,
    private readonly like: readonly Learning[],
  ) {
    const optimizer = OPTIMIZERS[experiment.optimizer]
    this.slots = optimizer.slots(experiment).length
    this.factors = optimizer.factors(experiment, 0, 1).length
    this.isClipped = experiment.clip > 0
    const define = (look: Look) =>
      program.define(`${look} update`, (inputs) => this.clipped(look, new Line(inputs)))
    this.steps = { plain: define('plain'), probed: define('probed') }
  }

  /** What a backward step needs beside the parameters themselves. */
  inputs({ trained }: Learning): readonly Tensor[] {
    return this.isClipped ? [] : trained.flatMap((one) => heldIn(one).slots)
  }

  /** Within a backward step: what remembers of each, from its inputs. */
  held(line: Line, { trained }: Learning, parameter: (one: Learned) => Tensor): Map<Learned, Held> {
    const slots = () => (this.isClipped ? [] : line.take(this.slots))
    return new Map(trained.map((one) => [one, { parameter: parameter(one), slots: slots() }]))
  }

  /** Within a backward step: its outputs. @param gradients in the order of `trained` */
  outputs(
    look: Look,
    own: Learning,
    gradients: readonly Tensor[],
    held: ReadonlyMap<Learned, Held>,
    factors: Tensor[],
  ): Tensor[] {
    const { tf } = own.parameters.backend
    if (this.isClipped) return gradients.flatMap((gradient) => [gradient, gradientSquare(tf, gradient)])
    return this.changed(look, own, gradients, held, factors)
  }

  /** The outputs of a backward step. */
  read(look: Look, { trained, blocks }: Learning, outputs: Line): Learnt {
    if (!this.isClipped) return { trained, waiting: [], ...this.readChanges(look, trained, blocks, outputs) }
    const waiting = trained.map(() => ({ gradient: outputs.next(), square: outputs.next() }))
    return { trained, changes: null, waiting, ratios: [] }
  }

  /** What waited, each series' gradients multiplied by its factor [R, 1, 1]. */
  apply(
    look: Look,
    learnings: readonly Learning[],
    learnt: readonly Learnt[],
    clips: readonly Tensor[],
    factors: readonly Tensor[],
  ): Learnt[] {
    const inputs = learnings.flatMap(({ trained }, i) => [
      clips[i],
      ...trained.flatMap((one, at) => {
        const { parameter, slots } = heldIn(one)
        return [parameter, ...slots, learnt[i].waiting[at].gradient]
      }),
    ])
    const outputs = new Line(this.steps[look]([...factors, ...inputs]))
    return learnings.map(({ trained, blocks }) => ({
      trained,
      waiting: [],
      ...this.readChanges(look, trained, blocks, outputs),
    }))
  }

  private clipped(look: Look, inputs: Line): Tensor[] {
    const factors = inputs.take(this.factors)
    return this.like.flatMap((own) => {
      const { tf } = own.parameters.backend
      const clip = inputs.next()
      const held = new Map<Learned, Held>()
      const gradients = own.trained.map((one) => {
        held.set(one, { parameter: inputs.next(), slots: inputs.take(this.slots) })
        return tf.mul(inputs.next(), clip)
      })
      return this.changed(look, own, gradients, held, factors)
    })
  }

  private changed(
    look: Look,
    { parameters, trained, blocks }: Learning,
    gradients: readonly Tensor[],
    held: ReadonlyMap<Learned, Held>,
    factors: Tensor[],
  ): Tensor[] {
    const { experiment } = this
    const { tf } = parameters.backend
    const optimizer = OPTIMIZERS[experiment.optimizer]
    const changes = new Map<Learned, Change>()
    trained.forEach((one, i) => {
      const before = { ...held.get(one)!, gradient: gradients[i], factors }
      changes.set(one, optimizer.update(tf, before, experiment))
    })
    const ratio = (block: Layer) =>
      updateRatio(tf, block, (one) => held.get(one)!, changes, experiment.replicas)
    return [
      ...(look === 'probed' && blocks.length ? [tf.concat(blocks.map(ratio))] : []),
      ...trained.flatMap((one) => {
        const { parameter, slots } = changes.get(one)!
        return [parameter, ...slots]
      }),
    ]
  }

  private readChanges(
    look: Look,
    trained: readonly Learned[],
    blocks: readonly Layer[],
    outputs: Line,
  ): Pick<Learnt, 'changes' | 'ratios'> {
    const ratios = outputs.take(look === 'probed' && blocks.length ? 1 : 0)
    const changes = trained.map((): Change => {
      const [parameter, ...slots] = outputs.take(1 + this.slots)
      return { parameter, slots }
    })
    return { changes, ratios }
  }
}
