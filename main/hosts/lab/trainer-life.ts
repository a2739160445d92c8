import { messageOf } from '../../../shared/base/errors'
import type { BeyondPool, MemoryReport, Message, WithoutGpu } from '../../../shared/protocol/protocol'

/** The trainer's process as the supervisor needs it, whatever forked it. */
export interface TrainerProcess {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once; says how it ended: "exit code 1", "signal SIGKILL". */
  onExit(listener: (how: string) => void): void
  kill(): void
}

export type SpawnTrainer = () => TrainerProcess

/** What a trainer says. */
export type FromTrainer = Message | MemoryReport | WithoutGpu | BeyondPool

interface Hearing {
  heard(message: FromTrainer): void
  /** @param wasQuick before it was ready, or soon after its start: it may not be able to live */
  died(how: string, wasQuick: boolean): void
}

interface Times {
  /** How long it may take to be ready. */
  startMs: number
  /** A life shorter than this is quick. */
  quickMs: number
}

export type TrainerLife = ReturnType<typeof beginLife>

/** One process of the trainer, from its start to its death. @param configuration what it is told first */
export function beginLife(
  spawn: SpawnTrainer,
  configuration: object,
  { startMs, quickMs }: Times,
  hearing: Hearing,
) {
  const born = Date.now()
  let trainer: TrainerProcess | null = null
  let isReady = false
  let isOver = false
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    trainer?.kill()
  }, startMs)

  function died(how: string) {
    if (isOver) return
    isOver = true
    clearTimeout(timer)
    hearing.died(timedOut ? `it was not ready after ${startMs / 1000} s` : how, !isReady || age() < quickMs)
  }

  const age = () => Date.now() - born

  try {
    trainer = spawn()
    trainer.onMessage((message) => {
      if (!isOver) hearing.heard(message as FromTrainer)
    })
    trainer.onExit(died)
    trainer.send(configuration)
  } catch (error) {
    const why = messageOf(error)
    queueMicrotask(() => died(why))
  }
  return {
    send: (message: unknown) => trainer?.send(message),

    /** It has said so. */
    ready() {
      isReady = true
      clearTimeout(timer)
    },

    /** Whatever comes from it from now on is heard by nobody. */
    end() {
      isOver = true
      clearTimeout(timer)
      trainer?.kill()
    },
  }
}
