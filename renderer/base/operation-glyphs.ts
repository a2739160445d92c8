interface Glyph {
  path: string
  filled?: boolean
}

/** Signs by operation, else by kind: activations as their curve, a linear layer as a matrix, norms as a bell. */
export const GLYPHS: Readonly<Record<string, Glyph | undefined>> = {
  linear: { path: grid(3), filled: true },
  relu: { path: 'M-8 4H0L7 -5' },
  'leaky-relu': { path: 'M-8 6L0 3L7 -5' },
  activation: { path: 'M-8 4C-3 4 -3 6 -1 4S4 -3 7 -6' },
  tanh: { path: 'M-8 5C2 5 -2 -5 8 -5' },
  identity: { path: 'M-7 5L7 -5' },
  norm: { path: 'M-8 5C-3 5 -3 -6 0 -6S3 5 8 5' },
  scale: { path: 'M-4.500 -4.500L4.500 4.500M-4.500 4.500L4.500 -4.500' },
  shift: { path: 'M-4.500 0H4.500M0 -4.500V4.500' },
  noise: { path: dots([-5, -5], [5, -4], [-1, 0], [-5, 5], [4, 5], [1, -6]), filled: true },
  pool: { path: 'M-7 -7L7 -2.500V2.500L-7 7Z' },
  sum: { path: 'M-5.500 0H5.500M0 -5.500V5.500' },
  multiply: { path: 'M-4 -4L4 4M-4 4L4 -4' },
  other: { path: 'M-6 0H6' },
}

function grid(size: number): string {
  const cells: string[] = []
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) cells.push(`M${-7 + 5 * column} ${-7 + 5 * row}h4v4h-4z`)
  }
  return cells.join('')
}

function dots(...points: [number, number][]): string {
  return points
    .map(([x, y]) => `M${x - 1.3} ${y}a1.300 1.300 0 1 0 2.600 0a1.300 1.300 0 1 0 -2.600 0`)
    .join('')
}
