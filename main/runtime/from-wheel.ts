import * as fs from 'node:fs/promises'
import * as path from 'node:path'
import type { Context } from './context'
import type { Found } from './locate'
import type { Plan } from './plan'
import { byteProgress } from './progress'
import { sumOf, type Wheel } from './sources'
import { ROOM_FOR_BINDING, disk, finish, roomFor } from './staging'
import { layout } from './store'
import type { TensorFlowLibrary } from './types'
import { bytesToCome, getWheels, removeWheels } from './wheels'
import { unpack } from './zip'

// The headers that the binding includes, a few of a wheel's 9,000.
const FOLDERS = 'tensorflow/c/|tensorflow/core/platform/ctstring|xla/tsl/c/|tsl/platform/ctstring'
const HEADERS = new RegExp(String.raw`^tensorflow/(include/(?:${FOLDERS}).*\.h)$`)
const LIBRARIES = /^tensorflow\/(libtensorflow_(?:cc|framework)\.(?:so\.2|2\.dylib))$/
const LICENSES =
  /^tensorflow(?:[^/]*\.dist-info\/(?:.*\/)?|\/(?:include\/)?)((?:LICENSE|THIRD_PARTY_NOTICES)[^/]*)$/
// Of NVIDIA's packages what is opened at run time, where TensorFlow looks for it (../nvidia, seen from lib/):
// libraries, and of the compiler what turns XLA's code into the card's.
const CUDA_LIBRARY = /^nvidia\/[^/]+\/lib\/(?!libcusolverMg)[^/]+\.so(?:\.[^/]+)?$/
const CUDA_COMPILER = /^nvidia\/cuda_nvcc\/(?:bin\/ptxas|nvvm\/libdevice\/.+)$/
const CUDA_LICENSE = /^(nvidia_[^/]+?)-[^/]*\.dist-info\/(?:licenses\/)?License\.txt$/

/** Where a member of one of the wheels goes in the folder of an installation; null: nowhere. */
export function placeOf(name: string): string | null {
  const library = LIBRARIES.exec(name)
  if (library) return path.join('lib', library[1]!)
  if (CUDA_LIBRARY.test(name) || CUDA_COMPILER.test(name)) return name
  const cuda = CUDA_LICENSE.exec(name)
  if (cuda) return path.join('nvidia', `LICENSE-${cuda[1]}.txt`)
  return LICENSES.exec(name)?.[1] ?? HEADERS.exec(name)?.[1] ?? null
}

/** What these are together, in words. */
export const wheelsText = (wheels: readonly Wheel[]): string =>
  wheels.length === 1 ? `TensorFlow ${wheels[0]!.version}` : `TensorFlow ${wheels[0]!.version} and CUDA 12`

/**
 * The library out of Python’s packages: TensorFlow's, and for a GPU those of CUDA's parts.
 * @param given folder and file names of wheels that are here already, their hashes checked
 */
export async function fromWheels(
  context: Context,
  { wheel, parts }: Pick<Plan, 'parts'> & { wheel: Wheel },
  staging: string,
  given?: readonly string[],
): Promise<TensorFlowLibrary> {
  const wheels = [wheel, ...parts]
  const { downloads } = layout(context.cacheFolder)
  const unpacked = sumOf(wheels, 'unpackedBytes')
  const need = (given ? 0 : await bytesToCome(wheels, downloads)) + unpacked + ROOM_FOR_BINDING
  await roomFor(context, need)
  const name = wheelsText(wheels)
  const archives = given ?? (await getWheels(context, wheels, downloads, name))
  const watch = byteProgress(context.onProgress, 'unpacking', `Unpacking ${name}`, unpacked)
  let before = 0
  try {
    for (const [place, archive] of archives.entries()) {
      const onBytes = (done: number) => watch(before + done)
      await unpack(archive, staging, placeOf, { signal: context.signal, onBytes })
      before += wheels[place]!.unpackedBytes
    }
  } catch (error) {
    throw await disk(context, error, need)
  }
  const found: Found = {
    libraryFolder: path.join(staging, 'lib'),
    libraries: (await fs.readdir(path.join(staging, 'lib'))).sort(),
    headers: path.join(staging, 'include'),
    version: wheel.version,
    nvidia: null,
  }
  const library = await finish(context, staging, found, 'wheel', parts.length > 0)
  if (!given) await removeWheels(wheels, downloads)
  return library
}
