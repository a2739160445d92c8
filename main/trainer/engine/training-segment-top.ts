import type { Compiled, Program } from '../compile'
import { fastMeanSquare } from './statistics'
import type { Tensor } from './tensor'
import type { Learned, TrainableParameters } from './trainable-parameters'
import { trainedOf } from './training-parts'
import { Line, Updates, type Learning, type Learnt, type Look } from './training-updates'
import { throughTop } from './training-top'

/** What is above the blocks of every series, compiled: from h_L to the loss and back to h_L. */
export class Top {
  private readonly steps: Record<Look, Compiled>
  private readonly updates: Updates
  private readonly learnings: Learning[]

  constructor(
    program: Program,
    private readonly series: readonly TrainableParameters[],
  ) {
    this.learnings = series.map((parameters) => ({
      parameters,
      trained: [...parameters.output, ...(parameters.head ? trainedOf(parameters.head) : [])],
      blocks: [],
    }))
    this.updates = new Updates(program, series[0].experiment, this.learnings)
    const define = (look: Look) =>
      program.define(`${look} loss`, (inputs) => this.step(look, new Line(inputs)))
    this.steps = { plain: define('plain'), probed: define('probed') }
  }

  /**
   * @param h h_L by series, [R, B × positions, N]
   * @param y what is to be put out, [1, B, outputs]
   * @returns by series loss and accuracy [2 R], the gradient with respect to h_L, its mean square [R] where somebody
   * looks, and what is learned
   */
  run(look: Look, h: readonly Tensor[], y: Tensor, factors: readonly Tensor[]) {
    const inputs = this.series.flatMap((one, i) => [
      h[i],
      ...learnedOf(one).map(({ variable }) => variable as Tensor),
      ...this.updates.inputs(this.learnings[i]),
    ])
    const outputs = new Line(this.steps[look]([y, ...factors, ...inputs]))
    return this.learnings.map((own) => ({
      losses: outputs.next(),
      gradient: outputs.next(),
      square: outputs.take(look === 'probed' ? 1 : 0),
      learnt: this.updates.read(look, own, outputs),
    }))
  }

  /** Updates what waited. @param clips by series, what its gradients are multiplied by */
  apply(look: Look, learnt: readonly Learnt[], clips: readonly Tensor[], factors: readonly Tensor[]) {
    return this.updates.apply(look, this.learnings, learnt, clips, factors)
  }

  private step(look: Look, inputs: Line): Tensor[] {
    const y = inputs.next()
    const factors = inputs.take(this.updates.factors)
    return this.series.flatMap((parameters, i) => {
      const { tf } = parameters.backend
      const h = inputs.next()
      const learned = learnedOf(parameters)
      const values = new Map(learned.map((one): [Learned, Tensor] => [one, inputs.next()]))
      const [weight, bias] = parameters.output.map((one) => values.get(one)!)
      const head = headOf(parameters).map((one) => values.get(one)!)
      const held = this.updates.held(inputs, this.learnings[i], (one) => values.get(one)!)
      const found = throughTop(parameters, h, y, { head, weight, bias })
      const gradients = found.learned.map(([, gradient]) => gradient)
      return [
        tf.concat([found.loss, found.accuracy]),
        found.gradient,
        ...(look === 'probed' ? [fastMeanSquare(tf)(found.gradient)] : []),
        ...this.updates.outputs(look, this.learnings[i], gradients, held, factors),
      ]
    })
  }
}

/** A head draws and fixes nothing: all that it is computed with is learned. */
const headOf = ({ head }: TrainableParameters): Learned[] =>
  (head?.sources ?? []).map(({ learned }) => learned!)

const learnedOf = (one: TrainableParameters): Learned[] => [...one.output, ...headOf(one)]
