import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { History } from '../../../renderer/state/history'
import { parseBlockGraph } from '../../../shared/block/file'
import { PRESETS } from '../../../shared/block/presets'
import { draftOf, type Draft } from '../../../shared/block/draft'
import { draftIn, editBlock, refusalOf, settle, startFrom } from '../../../shared/editor/experiment'
import { graphOf } from '../../../shared/editor/faults'
import { flatRows, blockOutline } from '../../../shared/editor/outline'
import { parseDraft } from '../../../shared/block/draft-file'
import { problemsOf } from '../../../shared/editor/problems'
import { edgeShapes } from '../../../shared/editor/shapes'
import { draftFromText, draftText } from '../../../shared/editor/text'
import { warningsOf } from '../../../shared/editor/warnings'
import { InputError } from '../../../shared/base/errors'
import { defaultExperiment } from '../../../shared/settings/table'
import { openingExperiment, parseExperiment } from '../../../shared/experiment/experiment'
import { shapesOf } from '../../../shared/operations'
import { placeOf } from '../../../shared/numerics/shape'
import { applyRandomEdit, randomEdits } from './edits'

/** Drafts on the way of random edits, valid or not. */
const drafts = fc
  .tuple(fc.constantFrom(...PRESETS), randomEdits(14))
  .map(([preset, edits]) => edits.reduce(applyRandomEdit, draftOf(preset)))

const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen)
  return value
}

function isValidBlock(value: unknown): boolean {
  try {
    parseBlockGraph(value, 'block')
    return true
  } catch (error) {
    if (error instanceof InputError) return false
    throw error
  }
}

describe('random edits', () => {
  test('leave a block that files accept as it is, or problems that say why not', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const graph = graphOf(draft)
        const problems = problemsOf(draft)
        expect(graph === null).toBe(problems.length > 0)
        for (const { text, mends } of problems) {
          expect(text).toMatch(/^[A-Z0-9].*\.$/)
          expect(mends.length).toBeGreaterThan(0)
        }
        if (graph) expect(parseBlockGraph(JSON.parse(JSON.stringify(graph)), 'block')).toEqual(graph)
      }),
      { numRuns: 1500 },
    )
  })

  test('leave no problem where a file would be accepted, but for operations that lead nowhere', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const problems = problemsOf(draft).filter(({ kind }) => kind !== 'unused')
        const inOrder = graphOf(draft) ?? draft
        if (problems.length) expect(isValidBlock(inOrder)).toBe(false)
      }),
      { numRuns: 700 },
    )
  })

  test('change nothing that they are given', () => {
    fc.assert(
      fc.property(drafts, randomEdits(3), (draft, edits) => {
        frozen(draft)
        edits.reduce((current, edit) => frozen(applyRandomEdit(current, edit)), draft)
      }),
      { numRuns: 300 },
    )
  })

  test('each mend removes its problem, or makes a valid block', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        for (const { kind, node, slot, mends } of problemsOf(draft)) {
          for (const { label, apply } of mends) {
            const mended = apply(draft)
            const left = problemsOf(mended)
            const isThere = left.some((p) => p.kind === kind && p.node === node && p.slot === slot)
            expect(isThere, `${label} of ${JSON.stringify(draft)}`).toBe(false)
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('warnings’ mends keep a valid block valid, and take their warning away', () => {
    const experiment = { ...defaultExperiment(), batch: 1 }
    fc.assert(
      fc.property(drafts, (draft) => {
        if (!graphOf(draft)) return
        const before = warningsOf(draft, experiment)
        for (const { kind, node, mends } of before) {
          for (const { label, apply } of mends) {
            const mended = apply(draft)
            expect(graphOf(mended), `${label} of ${JSON.stringify(draft)}`).not.toBeNull()
            // Two sums may end in the same ReLU; each is a warning of its own.
            const like = (draft: Draft) =>
              warningsOf(draft, experiment).filter((w) => w.kind === kind && w.node === node).length
            expect(like(mended), `${label} of ${JSON.stringify(draft)}`).toBeLessThan(like(draft))
          }
        }
      }),
      { numRuns: 1000 },
    )
  })

  test('round-trip as text and through files, exactly', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        expect(draftFromText(draftText(draft))).toEqual({ draft, problem: null })
        expect(parseDraft(JSON.parse(JSON.stringify(draft)), 'draft')).toEqual(draft)
        const graph = graphOf(draft)
        if (graph) expect(graphOf(draftOf(graph))).toEqual(graph)
      }),
      { numRuns: 500 },
    )
  })

  test('shapes are those of the engine where the block is valid', () => {
    const place = placeOf(96)
    fc.assert(
      fc.property(drafts, (draft) => {
        const graph = graphOf(draft)
        const shapes = edgeShapes(draft, place)
        if (!graph || [...shapes.values()].includes(null)) return
        expect(new Map([...shapes].sort())).toEqual(new Map([...shapesOf(graph, place)].sort()))
      }),
      { numRuns: 300 },
    )
  })

  test('the outline has each operation once, and every problem', () => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const rows = flatRows(blockOutline(draft, placeOf(100)))
        const shown = rows.filter(({ kind }) => kind === 'operation' || kind === 'join').map(({ id }) => id)
        expect(shown.sort()).toEqual(draft.nodes.map(({ id }) => id).sort())
        expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
        expect(rows.flatMap(({ problems }) => problems).length).toBe(problemsOf(draft).length)
      }),
      { numRuns: 500 },
    )
  })
})

test('rows of the outline that refer to one operation, in a circle with itself, have keys of their own', () => {
  const draft = draftOf(PRESETS[0]!)
  const nodes: Draft['nodes'] = [
    { id: 'relu', op: 'relu', inputs: ['inner'] },
    { id: 'inner', op: 'sum', inputs: ['relu', 'inner'] },
    { id: 'outer', op: 'sum', inputs: ['input', 'inner'] },
  ]
  const rows = flatRows(blockOutline({ ...draft, nodes, output: 'outer' }, placeOf(100)))
  expect(rows.filter(({ kind }) => kind === 'reference')).toHaveLength(2)
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
})

describe('in an experiment', () => {
  test('random edits keep it valid and in its own form; undo and redo give back the identical documents', () => {
    fc.assert(
      fc.property(
        randomEdits(12),
        fc.constantFrom(defaultExperiment(), openingExperiment()),
        (edits, start) => {
          const history = new History(start)
          const documents = [start]
          for (const edit of edits) {
            const next = editBlock(history.present, (draft) => applyRandomEdit(draft, edit))
            if (next === history.present) continue
            history.push(frozen(next))
            documents.push(next)
            expect(parseExperiment(JSON.parse(JSON.stringify(next)))).toEqual(next)
            const graph = graphOf(draftIn(next))
            if (graph && !refusalOf(next) && typeof next.block[0] !== 'string')
              expect(next.block[0]).toEqual(graph)
            expect(settle(next)).toBe(next)
          }
          for (const document of [...documents].reverse().slice(1)) {
            history.undo()
            expect(history.present).toBe(document)
          }
          for (const document of documents.slice(1)) {
            history.redo()
            expect(history.present).toBe(document)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  test('more than a thousand steps can be undone, layout too', () => {
    const history = new History(openingExperiment())
    const start = history.present
    for (let i = 0; i < 1200; i++) {
      const edit = { kind: [9, 10, 0, 8][i % 4], a: i, b: i * 7, value: i % 40 }
      history.push(editBlock(history.present, (draft: Draft) => applyRandomEdit(draft, edit)))
    }
    while (history.canUndo) history.undo()
    expect(history.present).toBe(start)
  })

  test('another block takes the place of the edited one', () => {
    for (const preset of PRESETS) {
      const next = startFrom(openingExperiment(), preset)
      expect(next.block[0]).toBe(preset.name)
      expect(parseExperiment(JSON.parse(JSON.stringify(next)))).toEqual(next)
    }
  })
})
