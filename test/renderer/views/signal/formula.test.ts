import { describe, expect, it } from 'vitest'
import { backwardFormula, forwardFormula } from '../../../../renderer/views/signal/formula'
import { draftOf } from '../../../../shared/block/draft'
import { PRESETS, presetNamed, withoutSkip } from '../../../../shared/block/presets'
import { addNode, removeNodes } from '../../../../shared/editor/actions'
import { graphOf } from '../../../../shared/editor/faults'
import { planNetwork } from '../../../../shared/network/plan'
import { defaultExperiment } from '../../../../shared/settings/table'
import { REMEDIES, remedyNamed } from '../../../../shared/block/remedies'
import { streamInput } from '../../../../shared/theory/input'
import { theoryOf } from '../../../../shared/theory/theory'

const context = { ...defaultExperiment(), init: 'he', gain: 1 } as const
const before = { q: 4, v: 3, m: 0 }

function graph(block: string, remedy = 'none', depth = 20) {
  return remedyNamed(remedy).apply(presetNamed(block), { depth }).graph
}

describe('forwardFormula', () => {
  it('doubles type 2', () => {
    expect(forwardFormula(graph('relu-linear'), context, before)).toEqual({
      law: 'q′ = q + 2 · ½ · q',
      numbers: '4.00 + 4.00',
      predicted: 8,
    })
  })

  it('keeps it with 1/√2, adds one with a norm, nothing with SkipInit', () => {
    expect(forwardFormula(graph('relu-linear', 'rsqrt2'), context, before)?.predicted).toBeCloseTo(4, 12)
    expect(forwardFormula(graph('relu-linear', 'batch-norm'), context, before)?.predicted).toBeCloseTo(5, 12)
    expect(forwardFormula(graph('relu-linear', 'skipinit'), context, before)?.predicted).toBe(4)
    expect(forwardFormula(graph('relu-linear', 'rsqrt-depth'), context, before)?.predicted).toBeCloseTo(
      4.2,
      12,
    )
  })

  it('has the cross term where the branch is never negative: 2q + 2m√(q/π)', () => {
    const formula = forwardFormula(graph('linear-relu'), context, { q: 4, v: 1, m: 1.5 })
    expect(formula?.predicted).toBeCloseTo(2 * 4 + 2 * 1.5 * Math.sqrt(4 / Math.PI), 12)
    expect(formula?.law).toBe('q′ = q + ½ · 2 · q + 2 m √(2 · q/2π)')
  })

  it('has no skip in a plain network', () => {
    expect(forwardFormula(withoutSkip(graph('relu-linear')), context, before)?.predicted).toBe(4)
  })

  it('says nothing where there is no short form', () => {
    expect(forwardFormula(graph('original'), context, before)).toBeNull()
    expect(forwardFormula(graph('relu-linear'), { ...context, init: 'pytorch' }, before)).toBeNull()
  })

  it('says nothing of a branch that no weights make independent of the skip connection', () => {
    const scaled = addNode(draftOf(presetNamed('relu-linear')), 'scale', { after: 'linear-1' })
    const half = graphOf(removeNodes(scaled, ['relu-1', 'linear-1']))!
    expect(half.nodes.map(({ op }) => op)).toEqual(['scale', 'sum'])
    expect(forwardFormula(half, context, before)).toBeNull()
    expect(backwardFormula(half, context, before, 1)).toBeNull()
  })

  it('is what theory says of every preset under every remedy', () => {
    const experiment = { ...context, blocks: 1, width: 64, batch: 100_000 }
    const compared = PRESETS.flatMap((preset) =>
      REMEDIES.flatMap((remedy) => {
        const changed = remedy.apply(preset, { depth: 1 }).graph
        const formula = forwardFormula(changed, experiment, { q: 1, v: 1, m: 0 })
        if (!formula) return []
        const plan = planNetwork({ graph: changed, remedy: 'none' }, experiment)
        const { q } = theoryOf(plan, experiment, streamInput(experiment, null))
        expect(formula.predicted / q![1], `${preset.name}, ${remedy.name}`).toBeCloseTo(1, 3)
        return [preset.name]
      }),
    )
    expect(compared.length).toBeGreaterThan(30)
  })
})

describe('backwardFormula', () => {
  it('doubles type 2 and uses the batch variance with batch norm', () => {
    expect(backwardFormula(graph('relu-linear'), context, before, 8)?.predicted).toBe(16)
    expect(backwardFormula(graph('relu-linear', 'batch-norm'), context, before, 1)?.predicted).toBeCloseTo(
      4 / 3,
      12,
    )
  })
})
