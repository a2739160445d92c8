import { exportForm } from '../../shared/export/forms'
import { mkdirSync } from 'node:fs'
import * as path from 'node:path'
import type { ExportedNetwork, NetworkArrays } from '../../shared/export/network'
import { TORCH_WEIGHTS, torchCode } from '../../shared/export/pytorch/code'
import { fromTorch, toTorch, torchArrays } from '../../shared/export/pytorch/state'
import { referenceOutputs } from '../../shared/export/reference'
import { replaceFileNow } from '../files/write-now'
import { openSafetensors, writeSafetensors, type WrittenType } from '../trainer/engine/checkpoint/safetensors'
import { EXPORT_MODE, type ExportFormat } from './format'

/** A network's state_dict as a safetensors file. @throws Error of the system */
export function writeTorchWeights(
  file: string,
  network: ExportedNetwork,
  arrays: NetworkArrays,
  type: WrittenType = 'F32',
): void {
  const sources = torchArrays(network).map((array) => ({
    name: array.name,
    shape: array.shape,
    values: () => toTorch(array, arrays(array.source).values),
  }))
  writeSafetensors(file, new Map([['format', 'pt']]), sources, type, EXPORT_MODE)
}

/** The reverse: arrays by the lab's names. @throws Error, a clause about the file */
export function readTorchWeights(file: string, network: ExportedNetwork): NetworkArrays {
  const opened = openSafetensors(file)
  try {
    const known = new Map(
      torchArrays(network).map((array) => {
        const values = fromTorch(array, opened.values(array.name))
        return [array.source, { shape: [array.rows, array.columns] as const, values }]
      }),
    )
    return (name) => known.get(name)!
  } finally {
    opened.close()
  }
}

export const pytorch: ExportFormat = {
  ...exportForm('pytorch'),
  keepsWeights: true,
  reader: 'the lab’s reader of safetensors and its float64 interpreter',
  howToOpen: () =>
    [
      '```python',
      'import torch',
      'from model import load',
      '',
      'network = load()  # a torch.nn.Module in evaluation',
      'outputs = network(inputs)',
      '```',
      '',
      '`python model.py` compares the network with what the lab computes. Only PyTorch is needed.',
    ].join('\n'),
  write(target, { network, arrays }, { isFloat16 }) {
    mkdirSync(target)
    replaceFileNow(path.join(target, 'model.py'), [Buffer.from(torchCode(network))], EXPORT_MODE)
    writeTorchWeights(path.join(target, TORCH_WEIGHTS), network, arrays, isFloat16 ? 'F16' : 'F32')
  },
  reopen(target, { network }) {
    const arrays = readTorchWeights(path.join(target, TORCH_WEIGHTS), network)
    return (x) => referenceOutputs(network, arrays, x)
  },
}
