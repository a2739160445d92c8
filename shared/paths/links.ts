/**
 * What belongs together in the pictures of a residual network's paths. A path is a number: bit i says whether it takes
 * the branch of block i + 1. In the unravelled network block k has a copy for every way on from there through the
 * blocks above; a copy is the number of the path that enters there, from x straight into this branch and on: its lowest
 * bit is its block.
 */
import { blocksOfMask } from './formula'

/** What one can point at. A term is a path: the term of dy/df1 is the path that begins with block 1. */
export type PathTarget =
  | { kind: 'path'; path: number }
  | { kind: 'copy'; copy: number }
  | { kind: 'block'; block: number }
  | { kind: 'length'; length: number }

/** What lights up. */
export interface PathLight {
  paths: ReadonlySet<number>
  /** Blocks that all of these paths take. */
  blocks: ReadonlySet<number>
  /** Copies of those blocks that these paths go through. */
  copies: ReadonlySet<number>
}

export const lengthOfPath = (path: number) => blocksOfMask(path).length

/** The block of which this is a copy. */
export const blockOfCopy = (copy: number) => Math.log2(lowestBit(copy)) + 1

/** Every copy that a path goes through, from the input up. */
export function copiesOnPath(path: number): number[] {
  const copies: number[] = []
  for (let rest = path; rest > 0; rest -= lowestBit(rest)) copies.push(rest)
  return copies
}

/** All paths of an unravelled network of so many blocks that go through the target. */
export function pathsThrough(target: PathTarget, blocks: number): number[] {
  const all = Array.from({ length: 2 ** blocks }, (_, path) => path)
  switch (target.kind) {
    case 'path':
      return all.filter((path) => path === target.path)
    case 'copy':
      return all.filter((path) => copiesOnPath(path).includes(target.copy))
    case 'block':
      return all.filter((path) => blocksOfMask(path).includes(target.block))
    case 'length':
      return all.filter((path) => lengthOfPath(path) === target.length)
  }
}

export function lightOf(target: PathTarget, blocks: number): PathLight {
  const paths = pathsThrough(target, blocks)
  const common = blocksOfMask(paths.reduce((shared, path) => shared & path, 2 ** blocks - 1))
  const shared = new Set(paths.length ? common : [])
  const copies = paths.flatMap(copiesOnPath).filter((copy) => shared.has(blockOfCopy(copy)))
  return { paths: new Set(paths), blocks: shared, copies: new Set(copies) }
}

/** The path of a term of dy/df1, whose bits count from block 2. */
export const pathOfFirstTerm = (term: number) => 2 * term + 1

function lowestBit(n: number): number {
  return n & -n
}
