/** What a random stream is for; part of its key, so numbers must never change. */
export const STREAM = {
  weight: 1,
  bias: 2,
  input: 3,
  topGradient: 4,
  stem: 5,
  head: 6,
  batches: 7,
  noise: 8,
} as const
