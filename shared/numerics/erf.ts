/**
 * The error function to float64's precision: its series near 0, a continued fraction beyond (Abramowitz and Stegun
 * 1964, 7.1.6 and 7.1.14).
 */
export function erf(x: number): number {
  const z = Math.abs(x)
  if (!(z < 6)) return Math.sign(x)
  const near = z < 2.5 ? series(z) : 1 - tail(z)
  return x < 0 ? -near : near
}

/** 2/√π e^(-z²) Σ 2^n z^(2n+1) / (1·3·…·(2n+1)): no term is negative, so none cancel. */
function series(z: number): number {
  let term = z
  let sum = z
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * z * z) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum
}

/** 1 - erf(z) for z ≥ 2.5. */
function tail(z: number): number {
  let fraction = z
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.exp(-z * z) / (Math.sqrt(Math.PI) * fraction)
}
