import { afterEach, describe, expect, test } from 'vitest'
import {
  availableMemory,
  limitMemory,
  mostMemory,
  readMemoryOf,
} from '../../main/trainer/engine/machine-memory'
import { checkMemory, lastNeeded, limitPool } from '../../main/trainer/engine/memory'
import { memoryOfJobs, NODE_MEMORY } from '../../main/trainer/node-memory'

const GIB = 2 ** 30
/** A machine of 64 GiB of which 40 are free, and a trainer that holds half a GiB. */
const system = (limit: number | undefined, free = 40) => ({
  free: () => free * GIB,
  total: () => 64 * GIB,
  limit: () => limit,
  held: () => GIB / 2,
})

// First: the others say it.
test('where nobody has said what tells of memory, nothing is without a limit', () => {
  expect(() => checkMemory(1)).toThrow('Nothing tells of this program’s memory')
  expect(() => mostMemory()).toThrow('readMemoryOf comes before whatever asks for it')
})

describe('memory that a network may take', () => {
  test.each([
    ['no limit is known (older Node)', undefined, 40],
    ['no limit', 0, 40],
    ['no limit, as cgroups of version 1 say it', 2 ** 63, 40],
    ['a limit that is the machine’s', 64 * GIB, 40],
    ['a container’s limit', 2 * GIB, 1.5],
    ['a limit above what is free', 50 * GIB, 40],
    ['a limit that is reached', GIB / 4, 0],
  ])('%s', (_name, limit, gibibytes) => {
    expect(availableMemory(system(limit))).toBe(gibibytes * GIB)
  })

  test('a network that the container would be killed for is refused, however much the machine has', () => {
    const inContainer = availableMemory(system(2 * GIB))
    expect(() => checkMemory(2 * GIB, inContainer)).toThrow(
      'these networks need about 2 GiB of memory and 1.5 GiB is free',
    )
    checkMemory(1.4 * GIB, inContainer)
    checkMemory(2 * GIB, availableMemory(system(undefined)))
  })

  describe('with a limit of the user’s', () => {
    afterEach(() => limitMemory(null))

    test.each([
      ['less than is free', 8, undefined, 7.5],
      ['less than the container’s', 1, 2 * GIB, 0.5],
      ['more than the container’s', 4, 2 * GIB, 1.5],
      ['more than is free', 50, undefined, 40],
      ['less than the process holds', 0.25, undefined, 0],
    ])('%s', (_name, own, limit, gibibytes) => {
      expect(availableMemory(system(limit), own * GIB)).toBe(gibibytes * GIB)
    })

    test('a network that needs more is refused, and told of the limit', () => {
      readMemoryOf(NODE_MEMORY)
      limitMemory(GIB)
      expect(availableMemory()).toBeLessThan(GIB)
      expect(() => checkMemory(2 * GIB, 0.75 * GIB)).toThrow(
        'these networks need about 2 GiB of memory and 0.75 GiB is free within the 1 GiB that the settings allow. ' +
          'Lower the depth, the width, the batch or the replicas, or allow more.',
      )
    })
  })

  test('the most there can be is the container’s, where it has a limit', () => {
    expect(mostMemory(system(2 * GIB))).toEqual({ bytes: 2 * GIB, of: 'container' })
    expect(mostMemory(system(2 ** 63))).toEqual({ bytes: 64 * GIB, of: 'machine' })
  })
})

describe('memory that a job has left to the next', () => {
  let holds = 0
  let live = 0
  const memoryOf = () => {
    holds = 0.5 * GIB
    live = 0
    return memoryOfJobs(
      () => live,
      () => holds,
    )
  }
  /** Bytes that count as free, of those that the process holds: for the job that begins now. */
  const leftBy = (memory: ReturnType<typeof memoryOf>) => {
    memory.begin()
    return memory.system.free() - NODE_MEMORY.free()
  }
  /** The machine's own changes while it is asked, in bytes. */
  const near = GIB / 4

  test('counts as free, and not as held', () => {
    const memory = memoryOf()
    expect(Math.abs(leftBy(memory))).toBeLessThan(near)
    holds = 6.5 * GIB
    memory.ended(8 * GIB)
    expect(Math.abs(leftBy(memory) - 6 * GIB)).toBeLessThan(near)
    expect(memory.system.held()).toBe(0)
  })

  test('less what tensors still take', () => {
    const memory = memoryOf()
    holds = 6.5 * GIB
    live = 2 * GIB
    memory.ended(8 * GIB)
    expect(Math.abs(leftBy(memory) - 4 * GIB)).toBeLessThan(near)
  })

  test('no more than jobs have needed: the process grows for other reasons too', () => {
    const memory = memoryOf()
    holds = 6.5 * GIB
    memory.ended(null)
    expect(Math.abs(leftBy(memory))).toBeLessThan(near)
    memory.ended(3 * GIB)
    memory.ended(1 * GIB)
    expect(Math.abs(leftBy(memory) - 3 * GIB)).toBeLessThan(near)
  })

  test('an experiment that was refused has needed nothing', () => {
    checkMemory(3, 4)
    expect(() => checkMemory(5, 4)).toThrow('these networks need about')
    expect(lastNeeded()).toBe(3)
  })
})

describe('TensorFlow’s pool of memory', () => {
  afterEach(() => limitPool(null))

  test('is too small for some networks that there is memory for; those that there is none for are refused', () => {
    limitPool(2 * GIB)
    checkMemory(2 * GIB, 8 * GIB)
    expect(() => checkMemory(3 * GIB, 8 * GIB)).toThrow('3 GiB of 2 GiB')
    expect(() => checkMemory(9 * GIB, 8 * GIB)).toThrow(
      'these networks need about 9 GiB of memory and 8 GiB is free',
    )
  })
})
