import { howToGetLibrary } from '../../runtime/how-to-get'
import { isWebGpu, type DeviceChoice } from '../../../shared/protocol/host-settings'

/** What computes in place of what the settings ask for, until a device is chosen anew. */
export interface StandIn {
  device: DeviceChoice
  /** Of what it stands in for, in sentences. */
  why: string
}

/**
 * What computes first: without TensorFlow's library a GPU by WebGPU goes before the plain backend, unless the CPU is
 * asked for.
 */
export const firstDevice = (asked: DeviceChoice, hasLibrary: boolean): DeviceChoice =>
  hasLibrary || asked === 'cpu' || isWebGpu(asked) ? asked : 'webgpu'

/** What is said where it computes and nobody has asked for it. */
export const inPlaceOfLibrary = (): string =>
  `In TensorFlow’s place a GPU computes, by WebGPU. ${howToGetLibrary()}`.trimEnd()

/**
 * What computes where a device does not: after WebGPU TensorFlow as it finds a GPU, after that TensorFlow on the CPU;
 * without its library the plain backend.
 * @param isOnGpu whether TensorFlow computes on one where it may
 * @returns null: nothing that needs TensorFlow's library is left
 */
export function nextDevice(device: DeviceChoice, hasLibrary: boolean, isOnGpu: boolean): DeviceChoice | null {
  if (isWebGpu(device)) return hasLibrary ? 'auto' : 'cpu'
  return isOnGpu && device !== 'cpu' ? 'cpu' : null
}

/** What it is that does not compute: "TensorFlow on the GPU". */
export function deviceName(device: DeviceChoice, isOnGpu: boolean): string {
  if (isWebGpu(device)) return 'WebGPU'
  return isOnGpu && device !== 'cpu' ? 'TensorFlow on the GPU' : 'TensorFlow'
}
