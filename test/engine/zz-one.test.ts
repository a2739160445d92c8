import { test } from 'vitest'
import { testBackend } from '/work/main/test/engine/backend'
import { createControl } from '/work/main/main/trainer/engine/control'
import { measureSignal } from '/work/main/main/trainer/engine/signal'
import { defaultExperiment } from '/work/main/shared/experiment'
import { randomBlock } from '/work/main/test/engine/random-blocks'
test('x', async () => {
  const backend = await testBackend()
  const graph = randomBlock(+(process.env.SEED ?? 1354))
  console.log(JSON.stringify(graph.nodes))
  for (const [blocks, batch, width] of [[1,48,500],[3,48,500],[3,48,1000],[3,192,1000]]) {
    const e = { ...defaultExperiment(), blocks, width, batch, seed: 3, block: [graph], remedies: ['none'], replicas: 6 }
    const [s] = measureSignal(backend, e as never, createControl(), () => {}).series
    console.log(blocks, batch, width, 'q', s.q.mean.map((x,i)=>x.toPrecision(4)+'/'+s.theory.q![i].toPrecision(4)).join(' '), 'v', s.v.mean.map((x,i)=>x.toPrecision(4)+'/'+s.theory.v![i].toPrecision(4)).join(' '), 'p', s.p.mean.map((x,i)=>x.toPrecision(4)+'/'+s.theory.p![i].toPrecision(4)).join(' '))
  }
}, 100000)
