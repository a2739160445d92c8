import type * as Tf from '@tensorflow/tfjs'

/** What every network needs, to be measured or trained. */
const OF_ALL = [
  ...['Add', 'AddN', 'ArgMax', 'BatchMatMul', 'Bincount', 'Cast', 'ClipByValue', 'Concat', 'Equal', 'Fill'],
  ...[
    'Floor',
    'Greater',
    'Identity',
    'IsFinite',
    'Log',
    'Max',
    'Mean',
    'Multiply',
    'Neg',
    'OnesLike',
    'RealDiv',
    'Relu',
  ],
  ...['Reshape', 'Rsqrt', 'Select', 'Slice', 'Sqrt', 'Square', 'Sub', 'Sum', 'Tile', 'ZerosLike'],
]

/** What some operations need beside that, and which. */
const OF_OPERATIONS: Readonly<Record<string, string>> = {
  ...{ Erf: 'GELU', Exp: 'GELU', Sigmoid: 'SiLU', Tanh: 'tanh', Transpose: 'group normalisation' },
  ...{ Conv2D: 'a convolution', Conv2DBackpropInput: 'a convolution', Conv2DBackpropFilter: 'a convolution' },
  ...{ SplitV: 'a convolution', PadV2: 'a convolution, pooling or shortcut' },
  ...{ StridedSlice: 'pooling or a shortcut', GreaterEqual: 'max pooling', Maximum: 'max pooling' },
}

/** Kernels of TensorFlow.js that networks may need, by TensorFlow.js's names. */
export const KERNELS: readonly string[] = [...OF_ALL, ...Object.keys(OF_OPERATIONS)]

type Kernels = Pick<typeof Tf, 'getKernelsForBackend'>

/**
 * What this backend lacks.
 * @returns `refused`: why it computes no network; `note`: which networks it computes not; null: all is there
 */
export function lacking(tf: Kernels, backend: string): { refused: string } | { note: string } | null {
  const present = new Set(tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName))
  const missing = KERNELS.filter((name) => !present.has(name))
  const general = missing.filter((name) => OF_ALL.includes(name))
  if (general.length > 0) return { refused: `it lacks ${general.join(', ')}, which all networks need` }
  if (missing.length === 0) return null
  const named = missing.map((name) => `${name}, which ${OF_OPERATIONS[name]} needs`)
  return { note: `This device lacks ${named.join('; ')}: the device cpu computes such networks.` }
}

/** What to say where a backend lacked a kernel, by TensorFlow.js's own error; null for any other error. */
export function refusedKernel(message: string, device: string): string | null {
  const name = /(?:Kernel|Cannot find registered kernel) '(\w+)'(?: not registered)? for backend/.exec(
    message,
  )?.[1]
  if (!name) return null
  const what = OF_OPERATIONS[name] ?? 'this'
  const other = OF_OPERATIONS[name] ? 'Choose another operation, or the device cpu' : 'Choose the device cpu'
  return `${device} lacks ${name}, which ${what} needs. ${other}, in the settings or by --device cpu.`
}
