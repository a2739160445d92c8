import type { Compiled, Program } from '../compile'
import { backwardPlanned, forwardPlanned } from './planned-block'
import { fastMeanSquare, moments } from './statistics'
import type { Tensor } from './tensor'
import type { Layer, Learned, TrainableParameters } from './trainable-parameters'
import { learnedGradients, trainedOf, weightNorm } from './training-parts'
import { Line, Updates, type Learning, type Learnt, type Look } from './training-updates'

/** One series' layers in a row. */
export interface Row {
  parameters: TrainableParameters
  layers: readonly Layer[]
  /** What they learn, from the top down. */
  trained: readonly Learned[]
}

export const rowOf = (parameters: TrainableParameters, layers: readonly Layer[]): Row => ({
  ...{ parameters, layers },
  trained: [...layers].reverse().flatMap(trainedOf),
})

/** What a backward pass gives for one series. */
export interface Back {
  /** With respect to the row's input; null where nobody asks. */
  gradient: Tensor | null
  /** Mean squared gradients at the layers' inputs, and squared norms of their weights' gradients, each [layers × R]. */
  statistics: Tensor[]
  learnt: Learnt
}

/**
 * Layers in a row of every series, compiled: forward; and backward, which computes forward once more, so that of a row
 * only its input has to be kept. Parameters are inputs, so that rows of equal layers share the graphs.
 */
export class Segment {
  private readonly forwards: Record<Look, Compiled>
  private readonly backwards: Record<Look, Compiled>
  private readonly updates: Updates

  /**
   * @param like rows of the series, whose layers stand for all that are equal
   * @param isLowest nobody asks for the gradient at its input, or for statistics of its layers on the way back
   */
  constructor(
    program: Program,
    private readonly like: readonly Row[],
    private readonly isLowest = false,
  ) {
    const { experiment } = like[0].parameters
    this.updates = new Updates(
      program,
      experiment,
      like.map((row) => this.learning(row)),
    )
    const define = (name: string, step: (look: Look, inputs: Line) => Tensor[]) => ({
      plain: program.define(name, (inputs) => step('plain', new Line(inputs))),
      probed: program.define(`probed ${name}`, (inputs) => step('probed', new Line(inputs))),
    })
    this.forwards = define('forward through blocks', (look, inputs) => this.pass(look, inputs))
    this.backwards = define('backward through blocks', (look, inputs) => this.passBack(look, inputs))
  }

  /**
   * @param h by series, [R, B × positions, N]
   * @param given by series what is not learned, layer by layer
   * @returns by series what comes out, and q, v, m of each layer's output, [layers × 3 × R], where somebody looks
   */
  forward(look: Look, rows: readonly Row[], h: readonly Tensor[], given: readonly Tensor[][]) {
    const outputs = new Line(
      this.forwards[look](rows.flatMap((row, i) => [h[i], ...valuesOf(row, given[i])])),
    )
    return rows.map(() => ({
      output: outputs.next(),
      statistics: outputs.take(look === 'probed' ? 1 : 0),
    }))
  }

  /** @param gradients with respect to what comes out, by series */
  backward(
    look: Look,
    rows: readonly Row[],
    h: readonly Tensor[],
    gradients: readonly Tensor[],
    given: readonly Tensor[][],
    factors: readonly Tensor[],
  ): Back[] {
    const inputs = rows.flatMap((row, i) => {
      const remembered = this.updates.inputs(this.learning(row))
      return [h[i], gradients[i], ...valuesOf(row, given[i]), ...remembered]
    })
    const outputs = new Line(this.backwards[look]([...factors, ...inputs]))
    return rows.map((row) => ({
      gradient: this.isLowest ? null : outputs.next(),
      statistics: outputs.take(this.isProbedBack(look) ? 2 : 0),
      learnt: this.updates.read(look, this.learning(row), outputs),
    }))
  }

  /** Updates what waited. @param clips by series, what its gradients are multiplied by */
  apply(
    look: Look,
    rows: readonly Row[],
    learnt: readonly Learnt[],
    clips: readonly Tensor[],
    factors: readonly Tensor[],
  ): Learnt[] {
    const learnings = rows.map((row) => this.learning(row))
    return this.updates.apply(look, learnings, learnt, clips, factors)
  }

  private learning({ parameters, layers, trained }: Row): Learning {
    return { parameters, trained, blocks: this.isLowest ? [] : layers }
  }

  private isProbedBack = (look: Look) => look === 'probed' && !this.isLowest

  private pass(look: Look, inputs: Line): Tensor[] {
    return this.like.flatMap((row) => {
      const { tf } = row.parameters.backend
      const streams = through(row, inputs.next(), inputs).map(({ trace }) => trace.output)
      const output = streams[streams.length - 1]
      if (look === 'plain') return [output]
      const meanSquare = fastMeanSquare(tf)
      return [output, tf.concat(streams.flatMap((h) => moments(tf, h, meanSquare)))]
    })
  }

  private passBack(look: Look, inputs: Line): Tensor[] {
    const factors = inputs.take(this.updates.factors)
    return this.like.flatMap((row) => {
      const { backend, experiment } = row.parameters
      const { tf } = backend
      const meanSquare = fastMeanSquare(tf)
      const [h, above] = inputs.take(2)
      const passes = through(row, h, inputs)
      const held = this.updates.held(inputs, this.learning(row), parametersIn(passes))
      let gradient = above
      const found: [Learned, Tensor][] = []
      const [squares, norms]: Tensor[][] = [[], []]
      for (const { layer, values, trace } of [...passes].reverse()) {
        const back = backwardPlanned(tf, layer.planned, trace, gradient, values)
        found.push(...learnedGradients(layer, back.parameters))
        gradient = back.input
        if (!this.isProbedBack(look)) continue
        squares.unshift(meanSquare(gradient))
        norms.unshift(weightNorm(tf, layer, back.parameters, experiment.replicas))
      }
      const gradients = found.map(([, own]) => own)
      return [
        ...(this.isLowest ? [] : [gradient]),
        ...(this.isProbedBack(look) ? [tf.concat(squares), tf.concat(norms)] : []),
        ...this.updates.outputs(look, this.learning(row), gradients, held, factors),
      ]
    })
  }
}

/** What layers are computed with, layer by layer. @param given what of it is not learned, in that order */
function valuesOf({ layers }: Row, given: readonly Tensor[]): Tensor[] {
  const others = new Line(given)
  return layers.flatMap(({ sources }) =>
    sources.map(({ learned }) => (learned ? (learned.variable as Tensor) : others.next())),
  )
}

/** Within a step: layer by layer, what it was computed with and what backward needs. */
function through({ parameters, layers }: Row, input: Tensor, inputs: Line) {
  const { tf } = parameters.backend
  let h = input
  return layers.map((layer) => {
    const values = inputs.take(layer.sources.length)
    const trace = forwardPlanned(tf, layer.planned, h, values)
    h = trace.output
    return { layer, values, trace }
  })
}

/** Within a step: the value that stands for a parameter. */
function parametersIn(passes: ReturnType<typeof through>): (one: Learned) => Tensor {
  const all = new Map(
    passes.flatMap(({ layer, values }) =>
      layer.sources.flatMap(({ learned }, i): [Learned, Tensor][] => (learned ? [[learned, values[i]]] : [])),
    ),
  )
  return (one) => all.get(one)!
}
