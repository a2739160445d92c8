/**
 * What a random stream is for; part of the key of every `Random`, so that no two uses draw the same numbers. Results
 * that were saved depend on these numbers: they must never change, and a new use takes one that is free.
 *
 * Except for `hashKeys`, a key begins with the seed and the stream; what follows is said here.
 */
export const STREAM = {
  /** Weights of the blocks' layers: replica, block, ordinal of the layer. */
  weight: 1,
  /** Biases, where they are drawn: replica, block, ordinal of the layer. */
  bias: 2,
  /** Gaussian input: replica. */
  input: 3,
  /** The gradient at the top: replica. */
  topGradient: 4,
  /** Parameters of the stem: replica, block 0, ordinal. */
  stem: 5,
  /** Parameters of the readout: replica, block 0, ordinal. */
  head: 6,
  /** The order of the training samples: epoch. */
  batches: 7,
  /** Dropout and stochastic depth in measurement and training: replica, block, ordinal, pass, columns. */
  noise: 8,
  /** Which blocks a set of random deletions takes out: how many, draw. */
  randomDeletions: 66,
  /** Theory's sampled trajectories: nothing follows. */
  trajectories: 77,
  /**
   * Paths that are drawn where there are too many to list: replica. Shares 77 with theory's trajectories, on purpose
   * only in that the numbers of old results stay: a replica follows here and nothing does there, and keys of different
   * lengths give different streams.
   */
  pathSamples: 77,
  /** Networks of theory in which stochastic depth keeps some branches: nothing follows. */
  keptBranches: 78,
  /** Theory's masks of dropout: nothing follows. */
  dropoutMasks: 79,
  /** The white noise that shattered gradients are held against: draw. */
  whiteNoise: 88,
  /**
   * Hashes of activation patterns: the key is this number, block, ordinal of the ReLU, without a seed, so that equal
   * patterns are equal in every network. With seed 91 a network's own streams can have the same key; this is harmless,
   * since a hash only tells patterns apart and is compared with nothing that was drawn.
   */
  hashKeys: 91,
  /** Generated data sets, and which samples are for the test: what is drawn; the seed is the data set's own. */
  dataSets: 92,
  /** What is changed in a training sample when it is learned: step, index of the sample. */
  augmentation: 93,
  /** Theory's gradients on sampled trajectories: nothing follows. */
  theoryGradients: 94,
  /** Theory's networks of finite width: network. */
  finiteWidth: 95,
} as const

/** The number of one of the streams. */
export type Stream = (typeof STREAM)[keyof typeof STREAM]
