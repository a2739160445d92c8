/**
 * Root mean squared errors in the unit of the one real target: the root of each loss times the target's standard
 * deviation over the training part, which the loss was divided by.
 * @param losses of each network: mean squared errors of the standardised target
 * @param deviation see `targetDeviation`
 */
export const rmseOf = (losses: readonly number[], deviation: number): number[] =>
  losses.map((loss) => deviation * Math.sqrt(loss))
