import type { KerasLayer, KerasNetwork } from './layers'

/**
 * The layers that reach the output, in the order in which Keras keeps them (`map_graph` in keras/src/ops/function.py):
 * the farthest from the output first, and those equally far as a depth-first walk from the output meets them. Weights
 * are found by this order.
 * @returns with the number of layers on the longest way, which Keras walks by recursion
 */
export function kerasOrder({ input, layers, output }: KerasNetwork): { layers: KerasLayer[]; depth: number } {
  const byName = new Map(layers.map((layer) => [layer.name, layer]))
  const met = new Map<string, number>()
  const open = [output]
  while (open.length) {
    const name = open.pop()!
    if (met.has(name)) continue
    met.set(name, met.size)
    // The first input is walked first.
    open.push(...[...(byName.get(name)?.inputs ?? [])].reverse())
  }
  const depths = new Map([[output, 0]])
  for (const { name, inputs } of [...layers].reverse()) {
    if (!met.has(name)) continue
    const depth = depths.get(name)! + 1
    for (const from of inputs) depths.set(from, Math.max(depths.get(from) ?? 0, depth))
  }
  const sorted = layers
    .filter(({ name }) => met.has(name))
    .sort((a, b) => depths.get(b.name)! - depths.get(a.name)! || met.get(a.name)! - met.get(b.name)!)
  return { layers: sorted, depth: (depths.get(input.name) ?? 0) + 1 }
}
