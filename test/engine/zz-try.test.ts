import { test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { testBackend } from '/work/main/test/engine/backend'
import { createControl } from '/work/main/main/trainer/engine/control'
import { measureSignal } from '/work/main/main/trainer/engine/signal'
import { defaultExperiment } from '/work/main/shared/experiment'
import { randomBlock } from '/work/main/test/engine/random-blocks'
import { planNetwork } from '/work/main/shared/plan'
import { normalInput, theoryOf } from '/work/main/shared/theory'
const COUNT = +(process.env.COUNT ?? 40), FROM = +(process.env.FROM ?? 0)
test('x', async () => {
  const backend = await testBackend()
  let tTheory = 0, tMeasure = 0, refused = 0, sampledN = 0, bad: string[] = []
  for (let blocks = 1; blocks <= 3; blocks++) {
    const seeds = Array.from({ length: COUNT }, (_, i) => FROM + i * 3 + blocks)
    const experiment = { ...defaultExperiment(), blocks, width: 500, replicas: +(process.env.R ?? 8), batch: +(process.env.B??48), block: seeds.map(randomBlock), remedies: ['none'] }
    let t = performance.now()
    for (const b of experiment.block) { const t0 = performance.now(); theoryOf(planNetwork({ graph: b as never, remedy: 'none' }, experiment), experiment, normalInput('none')); const d = performance.now() - t0; if (d > 400) console.log('slow theory', (b as any).name, d) }
    tTheory += performance.now() - t
    t = performance.now()
    const { series } = measureSignal(backend, experiment as never, createControl(), () => {})
    tMeasure += performance.now() - t
    const R = experiment.replicas
    series.forEach((s, i) => {
      const { theory } = s
      if (theory.remark?.startsWith('Sampled')) sampledN++
      if (!theory.q) { refused++; bad.push(`REFUSED ${s.block}: ${theory.note.q}`); return }
      for (const key of ['q', 'v', 'm', 'p'] as const) {
        const t = theory[key]
        if (!t) { bad.push(`null ${s.block} ${key}`); continue }
        for (let k = 0; k <= blocks; k++) {
          const mean = s[key].mean[k], sd = (s[key].high[k] - s[key].low[k]) / 2.447
          const scale = key === 'm' ? Math.sqrt(theory.q[k]) : t[k]
          const err = Math.abs(mean - t[k]), se = sd / Math.sqrt(R)
          if (!(err <= Math.max(0.05 * scale, 4 * se))) {
            bad.push(`${s.block} L=${blocks} k=${k} ${key}: measured ${mean.toPrecision(4)} theory ${t[k].toPrecision(4)} (${(100 * (mean - t[k]) / scale).toFixed(1)} %, ${(err / se).toFixed(1)} SE)${theory.remark?.startsWith('Sampled') ? ' S' : ''}  ` + s.graph.nodes.map(n => `${n.id}(${n.inputs})`).join(' '))
          }
        }
      }
    })
  }
  writeFileSync('/tmp/theory/out.txt', bad.join('\n'))
  console.log({ n: 3 * COUNT, refused, sampledN, bad: bad.length, tTheory, tMeasure })
}, 600000)
