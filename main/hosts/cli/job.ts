import type { Experiment } from '../../../shared/settings/experiment'
import type {
  DeviceStatus,
  ErrorDetail,
  LabEvent,
  Replies,
  RequestBody,
} from '../../../shared/protocol/protocol'
import { trainerSettings } from '../../../shared/protocol/host-settings'
import { damageOfRuntime, ensureTensorFlow, explainRuntime, progressPrinter } from '../../runtime'
import { limitMemory } from '../../trainer/engine/machine-memory'
import { checkMemory } from '../../trainer/engine/memory'
import { dataFolder } from '../../files/data-folder'
import { TERMINAL_WORDS } from '../lab/death'
import { readSettings } from '../lab/settings'
import { createSupervisor, type JobRequest } from '../lab/supervisor'
import { nodeTrainer } from '../lab/supervisor-node'

/** As messages carry it. */
export const asDocument = (experiment: Experiment) => experiment as unknown as Record<string, unknown>

type Body<T extends RequestBody['type']> = Omit<Extract<RequestBody, { type: T }>, 'type'>

/** Input that the trainer refuses, in its words: exit code 2, as where the command itself refuses it. */
export class RefusedInput extends Error {
  override readonly name = 'RefusedInput'
}

/** Ctrl+C: what was to be measured is not. */
export class Stopped extends Error {
  override readonly name = 'Stopped'

  constructor() {
    super('Stopped.')
  }
}

const GIB = 2 ** 30

/**
 * One job in a trainer process of its own, which computes as the settings of this machine say; progress goes to
 * standard error.
 * @param needed bytes of memory, as far as they are known before TensorFlow is loaded
 * @throws InputError, RefusedInput, Stopped
 */
export function runJob<T extends JobRequest['body']['type']>(
  type: T,
  settings: Body<T>,
  needed = 0,
): Promise<{ device: DeviceStatus; result: Replies[T] }> {
  const { settings: machine, problem } = readSettings(dataFolder())
  if (problem) process.stderr.write(`${problem}\n`)
  limitMemory(machine.memory === null ? null : machine.memory * GIB)
  checkMemory(needed)
  const printer = progressPrinter(process.stderr)
  return new Promise((resolve, reject) => {
    let device: DeviceStatus | null = null
    const supervisor = createSupervisor({
      spawn: nodeTrainer(),
      // A command is not a workbench: where the trainer cannot live, the command ends.
      quickDeaths: 1,
      quickMs: Infinity,
      words: TERMINAL_WORDS,
      explain: explainRuntime,
      settings: trainerSettings(machine),
      onNotice(notice) {
        if (notice.state === 'restarting') process.stderr.write(`${notice.message}\n`)
        if (notice.state === 'failed') end(() => reject(new Error(notice.message)))
      },
    })
    const end = (settle: () => void) => {
      // First: closing answers the job, too, with less to say.
      settle()
      supervisor.close()
    }
    const onEvent = (event: LabEvent) => {
      if ('device' in event) {
        device = event.device
        if (device.note) process.stderr.write(`${device.note}\n`)
      }
      if (event.type === 'progress') showProgress(event)
    }
    const body = { type, ...settings } as unknown as JobRequest['body']
    const interrupted = new AbortController()
    process.once('SIGINT', () => {
      interrupted.abort()
      clearProgress()
      end(() => reject(new Stopped()))
    })
    ensureTensorFlow(printer, { signal: interrupted.signal })
      .then(({ library, reason, hint }) => {
        if (!library) process.stderr.write(`${reason} ${hint}\n`)
        supervisor.start(library)
        supervisor.request(supervisor, { kind: 'request', id: '1', body }, (response) => {
          if (response.kind === 'event') return onEvent(response.event)
          clearProgress()
          if (response.kind === 'error')
            return end(
              () =>
                void withDamage(response.error, library !== null)
                  .then(errorOf)
                  .then(reject),
            )
          end(() => resolve({ device: device!, result: response.value as Replies[T] }))
        })
      })
      .catch(reject)
  })
}

/** What a trainer died of may be its library: an altered file crashes when it is used, not when it is loaded. */
async function withDamage(error: ErrorDetail, hasLibrary: boolean): Promise<ErrorDetail> {
  if (error.reason !== 'interrupted' || !hasLibrary || error.message.includes('SIGKILL')) return error
  const damage = await damageOfRuntime()
  return damage ? { ...error, message: `${error.message} ${damage}` } : error
}

const errorOf = ({ message, reason }: ErrorDetail) =>
  reason === 'input' ? new RefusedInput(message) : new Error(message)

export function showProgress({
  message,
  done,
  total,
  rate,
  unit,
  secondsLeft,
}: Extract<LabEvent, { type: 'progress' }>): void {
  if (!process.stderr.isTTY) return
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`
  const speed = rate === null ? '' : `, ${rate.toPrecision(3)} ${unit}/s`
  process.stderr.write(`\r\x1b[K${message} (${Math.floor((100 * done) / total)} %${speed}${left})`)
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
}
