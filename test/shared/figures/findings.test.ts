import { expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { stepFinding } from '../../../shared/figures/findings'

const graph = presetNamed('relu-linear')
const series = (remedy: string, name: string, values: readonly number[], theory: number[] | null) => ({
  ...{ block: 'relu-linear', blockTitle: graph.title, remedy, name, graph, values, theory },
})
const networks = { width: 100, replicas: 5, statistic: 'mean' } as const
const doubling = [8, 4, 2, 1]

test('gradients that have not reached the blocks before the first update are named, and why', () => {
  const none = series('fixup', 'Type 1 + Fixup', [NaN, NaN, NaN, NaN], null)
  const finding = stepFinding([series('none', 'Type 1', doubling, doubling), none], 'p', 0, networks)
  expect(finding).toContain('Type 1: gradient’s mean square, on its way back, doubles')
  expect(finding).toContain('Type 1 + Fixup: no p before the first update')
  expect(finding).not.toMatch(/no finite value|not a number/)
  // After the first update there is a gradient, or it is missing for another reason.
  expect(stepFinding([none], 'p', 1, networks)).toContain('no finite value')
})

test('theory of initialisation is held against networks that have not learned', () => {
  const grown = [series('none', 'Type 1', [1, 2, 4, 8], [1, 2, 4, 9])]
  expect(stepFinding(grown, 'q', 0, networks)).toContain('(theory 9.00)')
  expect(stepFinding(grown, 'q', 1, networks)).not.toContain('theory')
})
