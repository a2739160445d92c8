/** How the weights of a network's blocks are drawn. */
export interface Initialisation {
  /** He et al. 2015, LeCun et al. 1998, Glorot and Bengio 2010, or PyTorch's default for linear layers. */
  init: 'he' | 'lecun' | 'glorot' | 'pytorch'
  /** Factor on the standard deviation of every weight and bias. */
  gain: number
}

/** Weight variance × fan-in, the gain included: `s` of docs/formulas.md. */
export function varianceFactor({ init, gain }: Initialisation, fanIn: number, fanOut: number): number {
  const factor = { he: 2, lecun: 1, glorot: (2 * fanIn) / (fanIn + fanOut), pytorch: 1 / 3 }[init]
  return factor * gain * gain
}

/** Biases are zero, except for PyTorch's default: uniform on ±1/√fan-in. */
export function biasVariance({ init, gain }: Initialisation, fanIn: number): number {
  return init === 'pytorch' ? (gain * gain) / (3 * fanIn) : 0
}
