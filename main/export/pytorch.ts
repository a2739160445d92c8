import type { ExportedNetwork, NetworkArrays } from '../../shared/export/network'
import { toTorch, torchArrays } from '../../shared/export/pytorch/state'
import { writeSafetensors } from '../trainer/engine/checkpoint/safetensors'

/** A network's state_dict as a safetensors file. @throws Error of the system */
export function writeTorchWeights(file: string, network: ExportedNetwork, arrays: NetworkArrays): void {
  const sources = torchArrays(network).map((array) => ({
    name: array.name,
    shape: array.shape,
    values: () => toTorch(array, arrays(array.source).values),
  }))
  writeSafetensors(file, new Map([['format', 'pt']]), sources)
}
