/** Student's t, for whole degrees of freedom: the spread of a mean of few networks. */

/**
 * P(|T| ≤ t) of Student's t with `degrees` of freedom: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4,
 * exact but for rounding.
 * @param t at least 0; @param degrees whole, at least 1
 */
export function studentWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees))
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)]
  const isOdd = degrees % 2 === 1
  // 1 + 1/2 cos² + 1·3/(2·4) cos⁴ + … for even degrees, cos + 2/3 cos³ + 2·4/(3·5) cos⁵ + … for odd ones.
  let term = isOdd ? cosine : 1
  let sum = 0
  for (let power = isOdd ? 1 : 0; power <= degrees - 2; power += 2) {
    sum += term
    term *= ((power + 1) / (power + 2)) * cosine ** 2
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum
}

/** A bound within which P(|T| ≤ t) = share, by bisection to 1e-12 relative. @param share 0..1, both excluded */
export function studentQuantile(share: number, degrees: number): number {
  let high = 1
  while (studentWithin(high, degrees) < share) high *= 2
  let low = 0
  while (high - low > 1e-12 * high) {
    const middle = (low + high) / 2
    if (studentWithin(middle, degrees) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}
