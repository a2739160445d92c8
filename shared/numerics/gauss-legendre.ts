/** Gauss–Legendre on [-1, 1], 12 points: the positive ones, and their weights. */
export const NODES = [
  0.1252334085114689, 0.3678314989981802, 0.5873179542866175, 0.7699026741943047, 0.9041172563704749,
  0.9815606342467192,
]
export const WEIGHTS = [
  0.2491470458134028, 0.2334925365383548, 0.2031674267230659, 0.1600783285433462, 0.1069393259953184,
  0.0471753363865118,
]

/** The points of all panels, and their weights. @param edges of the panels, ascending */
export function panelPoints(edges: readonly number[]): { points: number[]; weights: number[] } {
  const points: number[] = []
  const weights: number[] = []
  for (let panel = 1; panel < edges.length; panel++) {
    const [middle, half] = [(edges[panel] + edges[panel - 1]) / 2, (edges[panel] - edges[panel - 1]) / 2]
    NODES.forEach((node, i) => {
      for (const at of [middle - half * node, middle + half * node]) {
        points.push(at)
        weights.push(WEIGHTS[i] * half)
      }
    })
  }
  return { points, weights }
}

/** The integral of f over all panels: exact for polynomials up to order 23 in each. @param edges ascending */
export function gaussLegendre(f: (x: number) => number, edges: readonly number[]): number {
  const { points, weights } = panelPoints(edges)
  return points.reduce((sum, point, i) => sum + weights[i] * f(point), 0)
}
