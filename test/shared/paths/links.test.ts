import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { pathCounts } from '../../../shared/paths/counts'
import {
  formulaTerms,
  networkTerms,
  outputPieces,
  residualLatex,
  sequentialLatex,
} from '../../../shared/paths/formula'
import {
  blockOfCopy,
  copiesOnPath,
  lengthOfPath,
  lightOf,
  pathOfFirstTerm,
  pathsThrough,
  type PathTarget,
} from '../../../shared/paths/links'
import { defaultPaths } from '../../../shared/settings/paths'

const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b)

describe('links of 4 blocks', () => {
  const light = (target: PathTarget) => {
    const { paths, blocks, copies } = lightOf(target, 4)
    return { paths: sorted(paths), blocks: sorted(blocks), copies: sorted(copies) }
  }

  test('a path lights the blocks it takes and one copy of each', () => {
    // Through f1 and f3: into the copy of f1 that feeds the copy of f3 that feeds y.
    expect(light({ kind: 'path', path: 0b0101 })).toEqual({
      paths: [0b0101],
      blocks: [1, 3],
      copies: [0b0100, 0b0101],
    })
    expect(light({ kind: 'path', path: 0 })).toEqual({ paths: [0], blocks: [], copies: [] })
  })

  test('a block lights its 8 paths and all of its copies: f1 is used 8 times, f4 once', () => {
    const counts = [1, 2, 3, 4].map((block) => {
      const { paths, blocks, copies } = light({ kind: 'block', block })
      expect(blocks).toEqual([block])
      return [paths.length, copies.length]
    })
    expect(counts).toEqual([
      [8, 8],
      [8, 4],
      [8, 2],
      [8, 1],
    ])
  })

  test('a copy lights the paths that enter it, and what they have in common above', () => {
    expect(light({ kind: 'copy', copy: 0b1100 })).toEqual({
      paths: [0b1100, 0b1101, 0b1110, 0b1111],
      blocks: [3, 4],
      copies: [0b1000, 0b1100],
    })
  })

  test('a length lights its paths, no block in particular', () => {
    expect(light({ kind: 'length', length: 2 })).toMatchObject({ paths: [3, 5, 6, 9, 10, 12], blocks: [] })
    expect(light({ kind: 'length', length: 4 })).toMatchObject({ paths: [15], blocks: [1, 2, 3, 4] })
    expect(light({ kind: 'length', length: 7 })).toEqual({ paths: [], blocks: [], copies: [] })
  })

  test('terms of dy/df1 are the paths that begin with block 1', () => {
    const paths = formulaTerms(4).map((_, term) => pathOfFirstTerm(term))
    expect(paths).toEqual(pathsThrough({ kind: 'block', block: 1 }, 4))
    formulaTerms(4).forEach(({ blocks, length }, term) => {
      const path = pathOfFirstTerm(term)
      expect([...lightOf({ kind: 'path', path }, 4).blocks]).toEqual([1, ...blocks])
      expect(lengthOfPath(path)).toBe(length + 1)
    })
  })
})

describe('links of any depth', () => {
  const depth = fc.integer({ min: 1, max: 10 })

  test('2^L - 1 copies, 2^(L-k) of block k; a path takes one copy of each of its blocks', () => {
    fc.assert(
      fc.property(depth, (blocks) => {
        const used = new Set<number>()
        for (let path = 0; path < 2 ** blocks; path++) {
          const copies = copiesOnPath(path)
          copies.forEach((copy) => used.add(copy))
          expect(copies.map(blockOfCopy)).toEqual(sorted(lightOf({ kind: 'path', path }, blocks).blocks))
        }
        expect(used.size).toBe(2 ** blocks - 1)
        for (let block = 1; block <= blocks; block++) {
          expect([...used].filter((copy) => blockOfCopy(copy) === block)).toHaveLength(2 ** (blocks - block))
          expect(pathsThrough({ kind: 'block', block }, blocks)).toHaveLength(2 ** (blocks - 1))
        }
      }),
    )
  })

  test('pointing there and back: a target lights a path exactly if that path lights the target', () => {
    fc.assert(
      fc.property(depth, fc.nat(), fc.nat(), (blocks, a, b) => {
        const path = a % 2 ** blocks
        const own = lightOf({ kind: 'path', path }, blocks)
        const block = 1 + (b % blocks)
        const copy = 1 + (b % (2 ** blocks - 1))
        const lights = (target: PathTarget) => lightOf(target, blocks).paths.has(path)
        expect(lights({ kind: 'block', block })).toBe(own.blocks.has(block))
        expect(lights({ kind: 'copy', copy })).toBe(own.copies.has(copy))
        expect(lights({ kind: 'length', length: lengthOfPath(path) })).toBe(true)
      }),
    )
  })

  test('paths by length are the binomial counts', () => {
    for (let blocks = 1; blocks <= 10; blocks++) {
      const counts = pathCounts(blocks).map(
        (_, length) => pathsThrough({ kind: 'length', length }, blocks).length,
      )
      expect(counts).toEqual(pathCounts(blocks).map(Number))
    }
  })
})

describe('formulas of the layers', () => {
  test('sequential and residual, 4 blocks', () => {
    expect(sequentialLatex(4)).toEqual({
      lines: [
        String.raw`h_1 = f_1[x, \phi_1]`,
        String.raw`h_2 = f_2[h_1, \phi_2]`,
        String.raw`h_3 = f_3[h_2, \phi_3]`,
        String.raw`y = f_4[h_3, \phi_4]`,
      ],
      nested: String.raw`y = f_4[f_3[f_2[f_1[x, \phi_1], \phi_2], \phi_3], \phi_4]`,
    })
    expect(residualLatex(4)).toEqual([
      String.raw`h_1 = x + f_1[x, \phi_1]`,
      String.raw`h_2 = h_1 + f_2[h_1, \phi_2]`,
      String.raw`h_3 = h_2 + f_3[h_2, \phi_3]`,
      String.raw`y = h_3 + f_4[h_3, \phi_4]`,
    ])
  })

  test('dy/dx has 2^L terms; those that begin with f1 are the terms of dy/df1 times ∂f1/∂x', () => {
    for (let blocks = 2; blocks <= 6; blocks++) {
      const terms = networkTerms(blocks)
      expect(new Set(terms.map(({ latex }) => latex)).size).toBe(2 ** blocks)
      formulaTerms(blocks).forEach(({ text }, term) => {
        const own = terms[pathOfFirstTerm(term)].text
        expect(own).toBe(text === 'I' ? '∂f1/∂x' : `∂f1/∂x ${text}`)
      })
    }
    expect(networkTerms(4)[0b1010].text).toBe('∂f2/∂x ∂f4/∂f2')
  })

  test('the output written out: each path’s x once, each copy once', () => {
    const text = (blocks: number) =>
      outputPieces(blocks)
        .map(({ latex }) => latex)
        .join('')
        .replaceAll('_', '')
    expect(text(2)).toBe('x+f1[x]+f2[x+f1[x]]')
    expect(text(3)).toBe('x+f1[x]+f2[x+f1[x]]+f3[x+f1[x]+f2[x+f1[x]]]')
    for (let blocks = 2; blocks <= 6; blocks++) {
      const pieces = outputPieces(blocks)
      const paths = pieces.flatMap(({ path }) => path ?? [])
      const copies = pieces.filter(({ latex }) => latex.startsWith('f_'))
      expect(sorted(paths)).toEqual(Array.from({ length: 2 ** blocks }, (_, path) => path))
      expect(sorted(copies.map(({ copy }) => copy!))).toEqual(sorted(paths).slice(1))
      copies.forEach(({ latex, copy }) => expect(latex).toBe(`f_${blockOfCopy(copy!)}[`))
    }
  })
})

describe('settings in the experiment file', () => {
  test('absent fields take their defaults', () => {
    expect(parseExperiment({ paths: { width: 32 } }).paths).toEqual({ ...defaultPaths(), width: 32 })
    expect(parseExperiment({}).paths).toBeUndefined()
  })

  test.each([
    [{ blocks: 7 }, 'experiment.paths.blocks: 7 does not fit. Give a whole number from 2 to 6.'],
    [{ terms: 'none' }, 'experiment.paths.terms: "none" is not a choice. Give one of all, length, sample.'],
    [[], 'experiment.paths: these are not settings of paths (a JSON object). Remove them for the defaults.'],
  ])('%j', (paths, message) => {
    expect(() => parseExperiment({ paths })).toThrow(message)
  })
})
