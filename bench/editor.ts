/**
 * Time of an edit of a 200-node block: the action, the experiment, and what a screen reads of it (problems, warnings,
 * shapes, outline). Must stay below 16 ms. `npx vite build --ssr bench/editor.ts --outDir /tmp/editor-bench && node
 * /tmp/editor-bench/editor.mjs`
 */
import { presetNamed } from '../shared/block/presets'
import {
  addNode,
  connect,
  copy,
  disconnect,
  duplicate,
  move,
  paste,
  removeNodes,
  setField,
  shift,
  wrapInSkip,
} from '../shared/editor/actions'
import { draftOf, type Draft } from '../shared/block/draft'
import { draftIn, editBlock, startFrom } from '../shared/editor/experiment'
import { graphOf } from '../shared/editor/faults'
import { blockOutline } from '../shared/editor/outline'
import { problemsOf } from '../shared/editor/problems'
import { edgeShapes } from '../shared/editor/shapes'
import { draftFromText, draftText } from '../shared/editor/text'
import { warningsOf } from '../shared/editor/warnings'
import { openingExperiment } from '../shared/experiment/experiment'
import { placeOf } from '../shared/numerics/shape'

/** `count` nodes: full pre-activation blocks, one behind the other, and a scale: the editor then estimates growth. */
function blockOf(count: number): Draft {
  let draft = draftOf(presetNamed('full-preactivation'))
  const whole = () => draft.nodes.slice(-7).map(({ id }) => id)
  while (draft.nodes.length + 7 <= count) draft = duplicate(draft, whole())
  draft = addNode(draft, 'scale', { after: draft.output })
  while (draft.nodes.length < count) draft = addNode(draft, 'identity', { after: draft.output })
  return { ...draft, name: 'large', title: 'Large' }
}

const draft = blockOf(200)
const middle = draft.nodes[100].id
const sum = draft.nodes.find(({ op }, i) => op === 'sum' && i > 90)!.id
const linear = draft.nodes.find(({ op }, i) => op === 'linear' && i > 90)!.id
const part = draft.nodes.slice(98, 105).map(({ id }) => id)
const clipboard = copy(draft, [middle])

const edits: Record<string, (d: Draft) => Draft> = {
  'add a node': (d) => addNode(d, 'relu', { after: middle }),
  'remove a node': (d) => removeNodes(d, [middle]),
  'remove a sum': (d) => removeNodes(d, [sum]),
  connect: (d) => connect(d, 'input', sum, 0),
  'close a circle': (d) => connect(d, d.output, sum, 0),
  disconnect: (d) => disconnect(d, sum, 1),
  'make it narrow': (d) => setField(d, linear, 'units', 0.25),
  'move all': (d) =>
    move(
      d,
      d.nodes.map(({ id }) => id),
      1,
      1,
    ),
  'shift a node': (d) => shift(d, middle, -1),
  'duplicate a part': (d) => duplicate(d, part),
  paste: (d) => paste(d, clipboard, { after: middle }),
  'wrap in a skip': (d) => wrapInSkip(d, [middle]),
}

const experiment = startFrom(openingExperiment(), graphOf(draft)!)
const place = placeOf(experiment.width)
const readings: Record<string, (d: Draft) => unknown> = {
  problems: problemsOf,
  warnings: (d) => warningsOf(d, experiment),
  shapes: (d) => edgeShapes(d, place),
  outline: (d) => blockOutline(d, place),
}

const RUNS = 40
/** What the script takes: the lower quartile, since the machine does other things too. */
function quartile(run: () => void): number {
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return times.sort((a, b) => a - b)[RUNS / 4]
}

let worst = 0
for (const [name, edit] of Object.entries(edits)) {
  const document = quartile(() => editBlock(experiment, edit))
  const all = quartile(() => {
    const next = draftIn(editBlock(experiment, edit))
    Object.values(readings).forEach((read) => read(next))
  })
  worst = Math.max(worst, all)
  console.log(
    `${name.padEnd(16)} ${document.toFixed(2).padStart(7)} ms, with all readings ${all.toFixed(2)} ms`,
  )
}
for (const [name, read] of Object.entries(readings))
  console.log(
    `${name.padEnd(16)} ${quartile(() => read({ ...draft }))
      .toFixed(2)
      .padStart(7)} ms`,
  )
console.log(
  `text             ${quartile(() => draftFromText(draftText(draft)))
    .toFixed(2)
    .padStart(7)} ms`,
)
console.log(`worst: ${worst.toFixed(2)} ms for ${draft.nodes.length} nodes`)
if (worst > 16) process.exitCode = 1
