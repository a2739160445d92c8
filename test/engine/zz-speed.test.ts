import { test } from 'vitest'
import { defaultExperiment } from '/work/main/shared/experiment'
import { PRESETS } from '/work/main/shared/blocks'
import { planNetwork } from '/work/main/shared/plan'
import { normalInput, theoryOf } from '/work/main/shared/theory'
import { randomBlock } from './random-blocks'
test('x', () => {
  const e = { ...defaultExperiment(), blocks: 100, width: 100, batch: 128 }
  for (const graph of [...PRESETS, randomBlock(2120), randomBlock(1354), randomBlock(1189), ...PRESETS]) {
    const plan = planNetwork({ graph, remedy: 'none' }, e)
    const t0 = performance.now()
    const t = theoryOf(plan, e, normalInput('none'), { live: true })
    const d = performance.now() - t0
    const t1 = performance.now()
    const full = theoryOf(plan, e, normalInput('none'))
    console.log(graph.name.padEnd(26), d.toFixed(1).padStart(8), (performance.now() - t1).toFixed(0).padStart(8), t.q?.[100].toPrecision(4), full.q?.[100].toPrecision(4), t.p?.[0].toPrecision(4), full.p?.[0].toPrecision(4), t.remark?.slice(0, 30), t.note.p ?? '')
  }
}, 100000)
