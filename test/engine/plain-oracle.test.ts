import { beforeAll, describe, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { positions } from '../../shared/numerics/shape'
import { normal, randomBlocks, randomParameters, shapesIn } from '../shared/random-blocks'
import { expectAgreement } from './agreement'
import { plainBackend } from './backend'

let backend: Backend
beforeAll(() => {
  backend = plainBackend()
})

describe.each(randomBlocks(3, 20))('on the plain backend: $name', (block) => {
  test('agrees with the float64 oracle, forward and backward', () => {
    const [replicas, samples] = [2, 4]
    const { input } = block.place
    const { parameters } = randomParameters(block, replicas, samples)
    const h = normal([replicas, samples * positions(input), input.units], 1)
    expectAgreement(backend, block.graph, parameters, h, shapesIn(block), false, 1e-4)
  })
})
