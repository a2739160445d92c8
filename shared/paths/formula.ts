/**
 * The derivative of a residual network y = h_{L-1} + f_L with respect to what its first block adds, dy/df1, written out
 * as its 2^(L-1) terms, in LaTeX and as plain text. Understanding Deep Learning (Prince 2023), chapter 11, writes this
 * derivative; the unravelled view of it is Veit, Wilber and Belongie 2016, "Residual Networks Behave Like Ensembles of
 * Relatively Shallow Networks". Blocks add to the stream as in He et al. 2016, "Identity Mappings in Deep Residual
 * Networks", equation (3), and the derivative as a sum is its equation (5).
 */

/** The convention behind `∂f2/∂f1 ∂f3/∂f2`. */
export const LAYOUT =
  'Factors stand in the order of the path, from f1 upward (denominator layout: ∂f/∂x has one column per ' +
  'output). As Jacobians with one row per output the same product reads from right to left. ∂fj/∂fi is the ' +
  'derivative of block j’s branch with respect to the stream it reads, where fi was added; norms are the ' +
  'same in both layouts.'

export interface FormulaTerm {
  /** Blocks whose branch the term goes through, ascending; block 1 is where it starts. */
  blocks: number[]
  /** Number of factors. */
  length: number
  text: string
  latex: string
}

/** The terms of dy/df1, ordered by the last block of the path, and before it as the terms of the blocks below. */
export function formulaTerms(blocks: number): FormulaTerm[] {
  return Array.from({ length: 2 ** (blocks - 1) }, (_, mask) => {
    const through = blocksOfMask(mask, 2)
    return {
      blocks: through,
      length: through.length,
      text: factors(through, (to, from) => `∂f${to}/∂f${from}`, ' '),
      latex: factors(through, (to, from) => `\\frac{\\partial f_${to}}{\\partial f_${from}}`, ''),
    }
  })
}

/**
 * The whole sum, in LaTeX: ∂y/∂f1 = I + ∂f2/∂f1 + (∂f3/∂f1 + ∂f2/∂f1 ∂f3/∂f2) + … Terms that end at the same block
 * stand in one pair of brackets.
 */
export function formulaLatex(blocks: number): string {
  const terms = formulaTerms(blocks)
  const groups = Array.from({ length: blocks - 1 }, (_, i) => {
    const group = terms.filter((term) => term.blocks.at(-1) === i + 2).map((term) => term.latex)
    return group.length > 1 ? `\\left(${group.join(' + ')}\\right)` : group[0]
  })
  return ['\\frac{\\partial y}{\\partial f_1} = I', ...groups].join(' + ')
}

/** Bit i of a term's number says whether it goes through the branch of block `first` + i. */
export function blocksOfMask(mask: number, first = 1): number[] {
  const blocks: number[] = []
  for (let bit = 0; 2 ** bit <= mask; bit++) if (Math.floor(mask / 2 ** bit) % 2) blocks.push(first + bit)
  return blocks
}

/** @param start where the term starts: block 1, or 0 for the input */
function factors(
  through: number[],
  one: (to: number, from: number) => string,
  between: string,
  start = 1,
): string {
  if (!through.length) return 'I'
  return through.map((to, i) => one(to, i ? through[i - 1] : start)).join(between)
}

/** The terms of dy/dx in the same order and notation: 2^L of them, numbered by path (bit i: block i + 1). */
export function networkTerms(blocks: number): FormulaTerm[] {
  return Array.from({ length: 2 ** blocks }, (_, mask) => {
    const through = blocksOfMask(mask)
    const below = (from: number) => (from ? `f_${from}` : 'x')
    return {
      blocks: through,
      length: through.length,
      text: factors(through, (to, from) => `∂f${to}/∂${from ? `f${from}` : 'x'}`, ' ', 0),
      latex: factors(through, (to, from) => `\\frac{\\partial f_${to}}{\\partial ${below(from)}}`, '', 0),
    }
  })
}

const latexCall = (block: number, argument: string) => `f_${block}[${argument}, \\phi_${block}]`

/** The layers without skips, h_k = f_k[h_{k-1}, φ_k]: one line for each, and all in one. */
export function sequentialLatex(blocks: number): { lines: string[]; nested: string } {
  const numbers = Array.from({ length: blocks }, (_, i) => i + 1)
  return {
    lines: numbers.map((k) => `${hidden(k, blocks)} = ${latexCall(k, hidden(k - 1, blocks))}`),
    nested: `y = ${numbers.reduce((inner, k) => latexCall(k, inner), 'x')}`,
  }
}

/** The layers with skips, h_k = h_{k-1} + f_k[h_{k-1}, φ_k] (He et al. 2016, equation 3): one line for each. */
export function residualLatex(blocks: number): string[] {
  return Array.from({ length: blocks }, (_, i) => {
    const below = hidden(i, blocks)
    return `${hidden(i + 1, blocks)} = ${below} + ${latexCall(i + 1, below)}`
  })
}

const hidden = (k: number, blocks: number) => (k === 0 ? 'x' : k === blocks ? 'y' : `h_${k}`)

/**
 * A piece of the output written out, y = x + f1[x] + f2[x + f1[x]] + …: which copy of a block it shows, or which path’s
 * x; numbers as in links.ts.
 */
export interface OutputPiece {
  latex: string
  path?: number
  copy?: number
}

export function outputPieces(blocks: number): OutputPiece[] {
  const inside = (below: number, above: number): OutputPiece[] => {
    const pieces: OutputPiece[] = [{ latex: 'x', path: above }]
    for (let k = 1; k <= below; k++) {
      const copy = above + 2 ** (k - 1)
      pieces.push({ latex: '+' }, { latex: `f_${k}[`, copy }, ...inside(k - 1, copy), { latex: ']', copy })
    }
    return pieces
  }
  return inside(blocks, 0)
}
