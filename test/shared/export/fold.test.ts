import { expect, test } from 'vitest'
import { foldBatchNorms } from '../../../shared/export/fold'
import { partsOf } from '../../../shared/export/network'
import { referenceOutputs } from '../../../shared/export/reference'
import { exportCases } from '../../interop/exports/cases'

const CASES = exportCases()
const normsOf = (network: (typeof CASES)[number]['network']) =>
  partsOf(network).flatMap(({ nodes }) => nodes.filter(({ layer }) => layer.layer === 'batch-norm')).length

test('folded networks compute the same, with fewer norms', () => {
  let all = 0
  for (const { name, network, arrays, x, outputs } of CASES) {
    const folded = foldBatchNorms(network, arrays)
    expect([name, normsOf(folded.network)]).toEqual([name, normsOf(network) - folded.count])
    if (folded.count === 0) continue
    all += folded.count
    const found = referenceOutputs(folded.network, folded.arrays, x)
    const largest = outputs.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const apart = outputs.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0)
    expect([name, apart / largest]).toEqual([name, expect.closeTo(0, 5)])
  }
  expect(all).toBeGreaterThan(50)
})

test('of the original block both norms go, of full pre-activation the second', () => {
  const of = (wanted: string) => {
    const { network, arrays } = CASES.find(({ name }) => name === wanted)!
    return foldBatchNorms(network, arrays).count / network.blocks.length
  }
  expect(of('original, none')).toBe(2)
  expect(of('full-preactivation, none')).toBe(1)
  expect(of('relu-linear, none')).toBe(0)
})
