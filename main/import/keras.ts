import { objectOf } from '../../shared/base/check'
import { readJson } from '../../shared/base/json'
import type { ArrayRole, FileTensor } from '../../shared/import/tensors'
import { KERAS_CONFIG, KERAS_WEIGHTS, numbersOf } from '../export/keras/file'
import { openHdf5, type Hdf5 } from '../export/keras/hdf5'
import { readBytes } from '../files/read'
import { readZip } from '../files/zip'
import { textOf } from './npz'
import { MOST_BYTES, MOST_TEXT_BYTES, TEXTS, checkCount, checkShape, type WeightsFile } from './weights-file'

/** What Keras's layers keep, in their order, by the name of their group without its number. */
const ROLES: Readonly<Record<string, readonly ArrayRole[]>> = {
  dense: ['weight', 'bias'],
  conv1d: ['weight', 'bias'],
  conv2d: ['weight', 'bias'],
  batch_normalization: ['gain', 'shift', 'mean', 'variance'],
  layer_normalization: ['gain', 'shift'],
  group_normalization: ['gain', 'shift'],
}

/** The same by the names of single weights, in files of Keras's older form. */
const ROLE_NAMES: Readonly<Record<string, ArrayRole>> = {
  ...{ kernel: 'weight', bias: 'bias', gamma: 'gain', beta: 'shift' },
  ...{ moving_mean: 'mean', moving_variance: 'variance' },
}

/** NumPy's codes in HDF5, as far as weights are read. */
const TYPES: Readonly<Record<string, string>> = { '<f': 'float32', '<e': 'HDF5’s float16', '<d': 'float64' }

/** A .keras file, Keras 3's own form. @throws Error, a clause about the file */
export async function readKeras(file: string): Promise<WeightsFile> {
  const members = await readZip(file, {
    wanted: (name) => name === KERAS_CONFIG || name === KERAS_WEIGHTS || TEXTS.includes(name),
    most: MOST_BYTES,
  })
  const weights = members.get(KERAS_WEIGHTS)
  if (!weights) throw new Error(`it has no ${KERAS_WEIGHTS}`)
  const config = members.get(KERAS_CONFIG)
  if (config && config.length > MOST_TEXT_BYTES) throw new Error(`its ${KERAS_CONFIG} is too large`)
  const places = config ? placesOf(config.toString('utf8')) : null
  const texts = new Map(TEXTS.flatMap((name) => textOf(members, name)))
  return { title: 'Keras', ...(await readWeights(weights, places)), texts }
}

/** A .h5 or .weights.h5 file. @throws Error, a clause about the file */
export async function readHdf5(file: string): Promise<WeightsFile> {
  return { title: 'HDF5', ...(await readWeights(readBytes(file, MOST_BYTES), null)), texts: new Map() }
}

/** When each layer comes, by its name, as the configuration lists them. Nothing of it is made or run. */
function placesOf(text: string): Map<string, number> | null {
  const { config } = objectOf(readJson(text).value, KERAS_CONFIG, 'this is no model of Keras', '')
  const layers = (config as { layers?: unknown } | undefined)?.layers
  if (!Array.isArray(layers)) return null
  const nameOf = (layer: unknown) => (layer as { config?: { name?: unknown } } | null)?.config?.name
  return new Map(layers.map((layer, place) => [String(nameOf(layer)), place]))
}

async function readWeights(
  bytes: Uint8Array,
  places: Map<string, number> | null,
): Promise<Pick<WeightsFile, 'tensors' | 'values' | 'close'>> {
  const { library, file, close } = await openHdf5(bytes)
  let h5: InstanceType<Hdf5['File']> | null = null
  const closeAll = () => {
    h5?.close()
    close()
  }
  try {
    h5 = new library.File(file, 'r')
    const found = datasets(h5, library)
    checkCount(found.length)
    const own = h5.keys().includes('model_weights') ? h5.get('model_weights') : h5
    const isOld = own instanceof library.Group && 'layer_names' in own.attrs
    const tensors = isOld ? oldForm(found, own) : newForm(found, places)
    const known = new Map(tensors.map((tensor, i) => [tensor.name, found[i].values]))
    if (known.size !== tensors.length)
      throw new Error('it holds models within a model, whose weights have the same names')
    return { tensors, values: ({ name }) => known.get(name)!(), close: closeAll }
  } catch (error) {
    closeAll()
    throw error
  }
}

/** A dataset that may be weights. */
interface Numbers {
  /** From the root, without its slash. */
  path: string
  shape: number[]
  type: string
  /** The name that its group says it has; null: it says none. */
  called: string | null
  values(): Float32Array
}

/** Groups in one another. */
const DEEPEST = 32

/** All datasets of a file; what links to other files is not followed. */
function datasets(root: InstanceType<Hdf5['Group']>, { Group, Dataset }: Hdf5): Numbers[] {
  const found: Numbers[] = []
  const walk = (group: InstanceType<Hdf5['Group']>, at: string[]) => {
    const name = group.attrs['name']?.value
    const called = typeof name === 'string' ? name : null
    if (at.length > DEEPEST) throw new Error('its groups lie too deep in one another')
    for (const key of group.keys()) {
      const one = group.get(key)
      const path = [...at, key]
      if (one instanceof Group) walk(one, path)
      // What an optimizer remembers is no weight.
      if (!(one instanceof Dataset) || path[0].startsWith('optimizer')) continue
      const shape = one.shape ?? []
      checkShape(shape, path.join('/'))
      const type = typeof one.dtype === 'string' ? (TYPES[one.dtype] ?? one.dtype) : 'of no plain numbers'
      found.push({ path: path.join('/'), shape, type, called, values: () => numbersOf(one.value) })
    }
  }
  walk(root, [])
  return found
}

/** Keras 3: …/GROUP/vars/0.., and the layer's own name beside them. */
function newForm(found: readonly Numbers[], places: Map<string, number> | null): FileTensor[] {
  const counts = new Map<string, number>()
  const groupOf = (path: string) => path.replace(/\/vars\/\d+$/, '')
  for (const { path } of found) counts.set(groupOf(path), (counts.get(groupOf(path)) ?? 0) + 1)
  return found.map(({ path, shape, type, called }): FileTensor => {
    const group = groupOf(path)
    const [, base] = /([^/]*?)(?:_\d+)?$/.exec(group)!
    const roles = Object.hasOwn(ROLES, base) ? ROLES[base] : []
    // A norm may lack its gain or its shift: then places tell nothing.
    const isWhole = roles[0] === 'weight' || roles.length === counts.get(group)
    const at = path.slice(path.lastIndexOf('/') + 1)
    const role = isWhole ? (roles[Number(at)] ?? null) : null
    // The first of its class has no number.
    const layer = /_\d+$/.test(group) ? group : `${group}_0`
    const name = called === null ? path : `${called}/vars/${at}`
    return { name, shape, type, order: 'in-first', layer, role, place: places?.get(called ?? '') ?? null }
  })
}

/** Keras's form before: the root, or `model_weights`, lists its layers, and each layer its weights. */
function oldForm(found: readonly Numbers[], root: InstanceType<Hdf5['Group']>): FileTensor[] {
  const layers = namesIn(root, 'layer_names')
  const prefix = root.path === '/' ? '' : `${root.path.replace(/^\//, '')}/`
  return found.map(({ path, shape, type }): FileTensor => {
    const isOwn = path.startsWith(prefix)
    const [layer] = path.slice(isOwn ? prefix.length : 0).split('/')
    const last = path.slice(path.lastIndexOf('/') + 1).replace(/:\d+$/, '')
    const role = isOwn && Object.hasOwn(ROLE_NAMES, last) ? ROLE_NAMES[last] : null
    const place = layers.indexOf(layer)
    const name = isOwn ? `${layer}/${last}` : path
    return { name, shape, type, order: 'in-first', layer, role, place: place < 0 ? null : place }
  })
}

function namesIn(group: InstanceType<Hdf5['Group']>, key: string): string[] {
  const value = group.attrs[key]?.value
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []
}
