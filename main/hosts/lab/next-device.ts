import { isWebGpu, type DeviceChoice } from '../../../shared/protocol/host-settings'

/** What computes in place of what the settings ask for, until a device is chosen anew. */
export interface StandIn {
  device: DeviceChoice
  /** Of what it stands in for, in sentences. */
  why: string
}

/**
 * What computes where a device does not: after WebGPU TensorFlow as it finds a GPU, after that TensorFlow on the CPU.
 * @param isOnGpu whether TensorFlow computes on one where it may
 * @returns null: nothing that needs TensorFlow's library is left
 */
export function nextDevice(device: DeviceChoice, isOnGpu: boolean): DeviceChoice | null {
  if (isWebGpu(device)) return 'auto'
  return isOnGpu && device !== 'cpu' ? 'cpu' : null
}

/** What it is that does not compute: "TensorFlow on the GPU". */
export function deviceName(device: DeviceChoice, isOnGpu: boolean): string {
  if (isWebGpu(device)) return 'WebGPU'
  return isOnGpu && device !== 'cpu' ? 'TensorFlow on the GPU' : 'TensorFlow'
}
