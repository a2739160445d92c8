import { isWebGpu, type TrainerSettings } from '../../../shared/protocol/host-settings'
import type { SpawnTrainer, TrainerProcess } from '../lab/supervisor'

/**
 * A trainer that becomes a page or a process once it is told what is to compute, which is said to it first.
 * @param page for a GPU by WebGPU @param other for all else
 */
export function trainerByDevice(page: SpawnTrainer, other: SpawnTrainer): SpawnTrainer {
  return () => {
    let chosen: TrainerProcess | null = null
    let onMessage: (message: unknown) => void = () => {}
    let onExit: (how: string) => void = () => {}
    return {
      send(message) {
        if (!chosen) {
          const { settings } = message as { settings: TrainerSettings }
          chosen = isWebGpu(settings.device) ? page() : other()
          chosen.onMessage((told) => onMessage(told))
          chosen.onExit((how) => onExit(how))
        }
        chosen.send(message)
      },
      onMessage: (told) => void (onMessage = told),
      onExit: (told) => void (onExit = told),
      kill: () => chosen?.kill(),
    }
  }
}
