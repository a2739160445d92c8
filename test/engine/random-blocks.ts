import { INPUT, type BlockGraph, type GraphNode } from '../../shared/graph/block-graph'
import { Random } from '../../shared/numerics/random'

/** What a node says beside its id. */
type Draft = GraphNode extends infer N ? (N extends GraphNode ? Omit<N, 'id'> : never) : never

/**
 * Random valid blocks of all operations that have one value per unit: nested sums, several branches, gates, work on the
 * skip path.
 */
export function randomBlock(seed: number): BlockGraph {
  const random = new Random(seed, 4711)
  const nodes: GraphNode[] = []
  const add = (draft: Draft): string => {
    const id = `${draft.op}-${nodes.length + 1}`
    nodes.push({ id, ...draft } as GraphNode)
    return id
  }
  const pick = <T>(choices: readonly [weight: number, make: () => T][]): T => {
    let left = random.uniform() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, make] of choices) if ((left -= weight) < 0) return make()
    return choices[0][1]()
  }
  const chance = (share: number) => random.uniform() < share

  const activation = (from: string) => {
    const inputs: [string] = [from]
    return pick<string>([
      [5, () => add({ op: 'relu', inputs })],
      [
        1,
        () =>
          add({
            op: 'leaky-relu',
            inputs,
            slope: pick([
              [1, () => 0.01],
              [1, () => 0.3],
            ]),
          }),
      ],
      [1, () => add({ op: 'gelu', inputs })],
      [1, () => add({ op: 'silu', inputs })],
      [1, () => add({ op: 'tanh', inputs })],
    ])
  }
  const linear = (from: string) => {
    const inputs: [string] = [from]
    return pick<string>([
      [8, () => add({ op: 'linear', inputs, units: 1 })],
      [1, () => add({ op: 'linear', inputs, units: 1, bias: false, gain: 0.7 })],
      [1, () => add({ op: 'linear', inputs, units: 1, standardised: 1.3 })],
    ])
  }
  const norm = (from: string) => {
    const inputs: [string] = [from]
    return pick<string>([
      [3, () => add({ op: 'batch-norm', inputs })],
      [2, () => add({ op: 'layer-norm', inputs })],
      [1, () => add({ op: 'group-norm', inputs, groups: 4 })],
      [1, () => add({ op: 'center', inputs })],
    ])
  }
  const other = (from: string) => {
    const inputs: [string] = [from]
    return pick<string>([
      [2, () => add({ op: 'scale', inputs, factor: Math.SQRT1_2, text: '1/√2' })],
      [1, () => add({ op: 'scale', inputs, factor: -0.5, text: '-1/2' })],
      [1, () => add({ op: 'gain', inputs, initial: 0.8 })],
      [1, () => add({ op: 'diagonal', inputs, initial: 0.6 })],
      [1, () => add({ op: 'block-scale', inputs, factors: [0.9, 0.7], text: '1/β' })],
      [
        1,
        () =>
          add({
            op: 'shift',
            inputs,
            initial: pick([
              [2, () => 0],
              [1, () => 0.3],
            ]),
          }),
      ],
      [1, () => add({ op: 'identity', inputs })],
      [1, () => add({ op: 'dropout', inputs, rate: 0.2 })],
    ])
  }
  const step = (from: string, depth: number): string =>
    pick<string>([
      [5, () => linear(from)],
      [5, () => activation(from)],
      [2, () => norm(from)],
      [1.5, () => other(from)],
      [depth > 0 ? 1 : 0, () => add({ op: 'sum', inputs: [from, chain(from, depth - 1)] })],
      [depth > 0 ? 0.4 : 0, () => gate(from, depth - 1)],
    ])
  /** One to four steps. */
  const chain = (from: string, depth: number): string => {
    let last = from
    const length = 1 + random.below(4)
    for (let i = 0; i < length; i++) last = step(last, depth)
    return last
  }
  const gate = (from: string, depth: number) =>
    add({ op: 'multiply', inputs: [chain(from, depth), add({ op: 'tanh', inputs: [linear(from)] })] })

  let last: string = INPUT
  const branches = pick([
    [4, () => 1],
    [1, () => 2],
  ])
  for (let i = 0; i < branches; i++) {
    const from = branches > 1 ? INPUT : last
    const skip = i === 0 && chance(0.15) ? step(last, 0) : last
    const before = nodes.length
    const end = chain(from, 1)
    // Without any linear layer a block sees every unit alone, and batch norm then makes much of little: far from the
    // limit at any usual width.
    const isMixed = nodes.slice(before).some((node) => node.op === 'linear')
    last = add({ op: 'sum', inputs: [skip, isMixed ? end : linear(end)] })
  }
  if (chance(0.3))
    last = pick<string>([
      [2, () => activation(last)],
      [1, () => norm(last)],
      [2, () => other(last)],
    ])
  return { name: `random-${seed}`, title: `Random block ${seed}`, description: '', nodes, output: last }
}
