import { choice } from '../../../shared/base/check'
import { DEVICES, type DeviceChoice, type HostSettings } from '../../../shared/protocol/host-settings'

/** In the environment: what computes in this process, whatever the settings of the machine say (`DEVICES`). */
const VARIABLE = 'RESIDUAL_LAB_DEVICE'

/** What this process was started with; null: the settings decide. @throws InputError for a device that there is not */
export function deviceOfStart(): DeviceChoice | null {
  const device = process.env[VARIABLE]
  return device ? choice(device, VARIABLE, DEVICES) : null
}

/** Settings as they count in this process. @throws InputError as above */
export function withChosenDevice<S extends Pick<HostSettings, 'device'>>(settings: S): S {
  const device = deviceOfStart()
  return device ? { ...settings, device } : settings
}

/** What the command line asks for: in force in this process from now on. @throws InputError as above */
export function chooseDevice(device: string): void {
  process.env[VARIABLE] = choice(device, '--device', DEVICES)
}
