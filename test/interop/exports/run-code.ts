import { spawnSync } from 'node:child_process'
import { expect } from 'vitest'
import { sampleAxes } from '../../../shared/export/layout'
import type { ExportedNetwork } from '../../../shared/export/network'
import type { ExportCase } from './cases'

/** Relative to the largest output, in float32. */
const TOLERANCE = 1e-5

/** What became of a case. */
export type Found<V> = { found: V; problem?: undefined } | { found?: undefined; problem: string }

/** Runs cases in one process, which reads one a line, and writes one a line of what it found. */
export function runCases<V>(program: string, script: string, cases: readonly object[]): Found<V>[] {
  const input = cases.map((one) => JSON.stringify(one)).join('\n')
  const { status, stdout, stderr } = spawnSync(program, [script], {
    ...{ input, encoding: 'utf8', maxBuffer: 2 ** 30 },
  })
  if (status !== 0) throw new Error(stderr)
  // Frameworks may say something of their own.
  const lines = stdout.split('\n').filter((line) => line.startsWith('{"'))
  return lines.map((line) => JSON.parse(line) as Found<V>)
}

/** Of a tensor of samples, units last. */
export const dimsOf = ({ input, axes }: ExportedNetwork, samples: number): number[] => [
  samples,
  ...sampleAxes(input, axes, 'channels last'),
]

/** That code computes what the float64 oracle says. */
export function expectOutputs({ found, problem }: Found<number[]>, { outputs }: ExportCase): void {
  expect(problem).toBeUndefined()
  expect(found!.length).toBe(outputs.length)
  const largest = outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const apart = outputs.reduce((most, value, at) => Math.max(most, Math.abs(value - found![at])), 0)
  expect(apart).toBeLessThanOrEqual(TOLERANCE * largest)
}
