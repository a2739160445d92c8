import { npyHeader } from '../../shared/data/readers/npy'
import { tensorsByName } from '../../shared/import/tensors'
import { readZip } from '../files/zip'
import { MOST_BYTES, TEXTS, checkCount, checkShape, type WeightsFile } from './weights-file'

/** By numpy's codes, as far as weights are read. */
const TYPES: Readonly<Record<string, string>> = { f2: 'float16', f4: 'float32', f8: 'float64' }

/** @throws Error, a clause about the file, or InputError */
export async function readNpz(file: string): Promise<WeightsFile> {
  const wanted = (name: string) => name.endsWith('.npy') || TEXTS.includes(name)
  const members = await readZip(file, { wanted, most: MOST_BYTES })
  const arrays = [...members].filter(([name]) => name.endsWith('.npy'))
  checkCount(arrays.length)
  const decoders = new Map<string, () => Float32Array>()
  const named = arrays.map(([member, bytes]) => {
    const name = member.slice(0, -'.npy'.length)
    const code = codeOf(bytes, name)
    const { shape, start, decode } = npyHeader(bytes, bytes.length, name)
    checkShape(shape, name)
    const end = start + shape.reduce((product, side) => product * side, 1) * Number(code.slice(1))
    decoders.set(name, () => Float32Array.from(decode(bytes.subarray(start, end)) as ArrayLike<number>))
    return { name, shape, type: TYPES[code] ?? `of numpy’s type ${code}` }
  })
  const tensors = tensorsByName(named)
  const texts = new Map(TEXTS.flatMap((name) => textOf(members, name)))
  // NumPy's users have [in, out] as the lab has, whatever the array is called.
  const inFirst = tensors.map((tensor) => ({ ...tensor, order: 'in-first' as const }))
  return { title: 'NPZ', tensors: inFirst, texts, values: ({ name }) => decoders.get(name)!(), close() {} }
}

/** A member that is text. */
export const textOf = (members: ReadonlyMap<string, Buffer>, name: string): [string, string][] => {
  const bytes = members.get(name)
  return bytes ? [[name, bytes.toString('utf8')]] : []
}

/** @throws Error where it is an array of Python's objects, which only pickle reads */
function codeOf(bytes: Buffer, name: string): string {
  const head = bytes.toString('latin1', 0, 256)
  if (/'descr':\s*'\|?O/.test(head))
    throw new Error(`"${name}" is an array of Python’s objects, and reading these could run any code`)
  return /'descr':\s*'[<>|=]?([a-z]\d+)'/.exec(head)?.[1] ?? 'f4'
}
