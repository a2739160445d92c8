/**
 * A tensor that an operation uses beside its inputs; a replica axis comes in front. Learned are `weight` and `bias`,
 * drawn by the network's initialisation, and `gain` and `shift`, which start at `initial`. Not learned: `constant`,
 * which is `initial`, and `noise`, drawn anew at every pass.
 */
export interface ParameterShape {
  role: 'weight' | 'bias' | 'gain' | 'shift' | 'constant' | 'noise'
  /** [rows, columns]; of `noise` with `perSample` the rows are those of one sample, and every sample has its own. */
  shape: [number, number]
  /** Inputs of its linear layer; 1 for what is not drawn by the initialisation. */
  fanIn: number
  /** Where it is not the number of columns. */
  fanOut?: number
  /** Where `gain`, `shift` and `constant` start. */
  initial?: number
  /** Factor on the standard deviation of weights and biases. */
  factor?: number
  /**
   * Noise is 1/`scale` with probability `keep` (so that scale = keep keeps the mean), else 0. Not drawn (`expected`):
   * its mean.
   */
  noise?: { keep: number; scale: number; perSample: boolean }
}

/** Whether training changes it: weights, biases, gains and shifts. */
export const isLearned = ({ role }: Pick<ParameterShape, 'role'>) => role !== 'constant' && role !== 'noise'

/** Which of the L blocks a parameter is for: some start differently in each. */
export interface BlockIndex {
  /** Counts from 1. */
  block: number
  /** L. */
  depth: number
}
