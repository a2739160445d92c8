import { test } from 'vitest'
import { defaultExperiment } from '/work/main/shared/experiment'
import { randomBlock } from '/work/main/test/engine/random-blocks'
import { planNetwork } from '/work/main/shared/plan'
import { normalInput, theoryOf } from '/work/main/shared/theory'
test('x', () => {
  const graph = randomBlock(+(process.env.SEED ?? 2120))
  console.log(graph.nodes.map(n => `${n.id}(${n.inputs})${JSON.stringify({...n,id:undefined,op:undefined,inputs:undefined})}`).join(' '))
  for (const seed of [1,2,3,4,5,6]) {
    const e = { ...defaultExperiment(), blocks: +(process.env.L ?? 3), width: 500, batch: 40, seed }
    const t = theoryOf(planNetwork({ graph, remedy: 'none' }, e), e, normalInput('none'))
    console.log(seed+' ', t.q!.map(x=>x.toPrecision(4)).join(' '), t.v!.map(x=>x.toPrecision(4)).join(' '), t.p!.map(x=>x.toPrecision(4)).join(' '))
  }
})
