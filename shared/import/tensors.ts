/** What an array is in its layer, in the lab's words. */
export type ArrayRole = 'weight' | 'bias' | 'gain' | 'shift' | 'mean' | 'variance'

/** A tensor of a file of weights, as far as the file's header says. */
export interface FileTensor {
  name: string
  shape: readonly number[]
  /** As NumPy calls it: "float32". */
  type: string
  /** How a weight lies: [out, in, …window], or […window, in, out]. Of vectors it says nothing. */
  order: 'out-first' | 'in-first'
  /** The layer that it belongs to, by a name of the file; null: of none that is known. */
  layer: string | null
  role: ArrayRole | null
  /** When the layer is used, counted over the file; null: the file does not say. */
  place: number | null
}

type Named = Pick<FileTensor, 'name' | 'shape' | 'type'>

/** What layers of PyTorch, Keras and JAX call their arrays. */
const ROLES: Readonly<Record<string, ArrayRole>> = {
  ...{ weight: 'weight', kernel: 'weight', gamma: 'gain', scale: 'gain', gain: 'gain' },
  ...{ bias: 'bias', beta: 'shift', shift: 'shift' },
  ...{ mean: 'mean', running_mean: 'mean', moving_mean: 'mean' },
  ...{ var: 'variance', variance: 'variance', running_var: 'variance', moving_variance: 'variance' },
}

/** Tensors of a file that knows nothing but names: "layers.3.bias" is a bias of the layer "layers.3". */
export function tensorsByName(given: readonly Named[]): FileTensor[] {
  const split = given.map((one) => {
    const [, layer, last] = /^(?:(.*)[./])?([^./]*)$/s.exec(one.name) ?? []
    // TensorFlow counts the values of what makes them.
    return { ...one, layer: layer ?? '', last: last?.replace(/:\d+$/, '') ?? '' }
  })
  const hasMatrix = new Set(split.flatMap(({ layer, shape }) => (shape.length > 1 ? [layer] : [])))
  return split.map(({ name, shape, type, layer, last }) => {
    const role = Object.hasOwn(ROLES, last) ? ROLES[last] : null
    const order = last === 'kernel' ? 'in-first' : 'out-first'
    const common = { name, shape, type, order, place: null } as const
    if (role === null) return { ...common, layer: name, role }
    // A norm's weight is its gain.
    if (hasMatrix.has(layer)) return { ...common, layer, role }
    return { ...common, layer, role: role === 'weight' ? 'gain' : role === 'bias' ? 'shift' : role }
  })
}

/** "[64, 3, 3]". */
export const dimsText = (shape: readonly number[]): string => `[${shape.join(', ')}]`
