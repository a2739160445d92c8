import type { Backend } from '../backend'
import type { DeviceStatus } from '../../../shared/protocol/protocol'

/** The device that a backend computes on, as front ends hear of it. */
export const deviceStatus = ({ kind, device }: Backend): DeviceStatus => ({ backend: kind, ...device })
