import { exportForm } from '../../shared/export/forms'
import { parseNpy } from '../../shared/data/readers/npy'
import type { NetworkArrays } from '../../shared/export/network'
import { referenceOutputs } from '../../shared/export/reference'
import { halfBits } from '../../shared/numerics/float16'
import { replaceFileNow } from '../files/write-now'
import { readZip } from '../files/zip'
import { EXPORT_MODE, type ExportFormat } from './format'
import { arrayNames } from './source'
import { zipBytes } from './zip'

/** An array in numpy's form, version 1.0 (numpy.lib.format): its header ends at a multiple of 64 bytes. */
export function npyBytes(shape: readonly number[], values: Float32Array, isFloat16: boolean): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '<f${isFloat16 ? 2 : 4}', 'fortran_order': False, 'shape': (${tuple}), }`
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`
  const start = Buffer.concat([
    Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    Buffer.alloc(2),
    Buffer.from(padded),
  ])
  start.writeUInt16LE(padded.length, 8)
  const own = isFloat16 ? Uint16Array.from(values, halfBits) : values
  return Buffer.concat([start, Buffer.from(own.buffer, own.byteOffset, own.byteLength)])
}

export const npz: ExportFormat = {
  ...exportForm('npz'),
  keepsWeights: true,
  reader: 'the lab’s reader of NPZ and its float64 interpreter',
  howToOpen: () =>
    [
      '```python',
      'import numpy',
      '',
      "arrays = numpy.load('model.npz')",
      "weight = arrays['output.weight']  # [in, out]; blocks count from 1: 'blocks.1.linear-1.weight'",
      '```',
      '',
      'Weights are [in, out], of convolutions [tap × in, out], taps row by row; all else is [1, units]. ' +
        '`residual-lab code --framework keras` has the network that they belong to, and its `load`.',
    ].join('\n'),
  async write(target, { network, arrays }, { texts, isFloat16 }) {
    const members = new Map<string, Uint8Array>()
    for (const name of arrayNames(network)) {
      const { shape, values } = arrays(name)
      members.set(`${name}.npy`, npyBytes(shape, values, isFloat16))
    }
    for (const [name, text] of texts) members.set(name, Buffer.from(text))
    replaceFileNow(target, [await zipBytes(members)], EXPORT_MODE)
  },
  async reopen(target, { network }) {
    const members = await readZip(target)
    const known = new Map(
      arrayNames(network).map((name) => {
        const bytes = members.get(`${name}.npy`)
        if (!bytes) throw new Error(`${target} has no array ${name}`)
        const { shape, values } = parseNpy(bytes, name)
        return [name, { shape: [shape[0], shape[1]] as const, values: Float32Array.from(values) }] as const
      }),
    )
    const arrays: NetworkArrays = (name) => known.get(name)!
    return (x) => referenceOutputs(network, arrays, x)
  },
}
