/** What a run was made with: its document "environment", as it is read from files of anyone's making. */
import { finiteNumber, objectOf, trueOrFalse } from '../base/check'
import type { WholeGpuUse, XlaChoice } from './computed'
import { ANY, COUNT, HINT, dateOf, textOf } from './fields'

/** What a run was made with, for whoever makes it again. */
export interface RunEnvironment {
  /** Of the program. */
  version: string
  device: string
  /** What was said of the device: why it was no other, what it costs; null where nothing was. */
  deviceNote: string | null
  /** Of a training whose steps were tried compiled by XLA; else null. */
  xla: XlaChoice | null
  /** Of an NVIDIA GPU that computed, where it was read; else null. */
  gpu: WholeGpuUse | null
  backend: string
  /** TensorFlow's version; null where its library did not compute. */
  tensorflow: string | null
  node: string
  electron: string | null
  /** "Linux 6.1.0 x64". */
  os: string
  seed: number
  /** The samples that it looked at, with the SHA-256 of their values; null: it drew its input. */
  data: { name: string; sha256: string } | null
  /** What its remedies meant, by their names (`remedyRevisions`). */
  remedies: Readonly<Record<string, number>>
  /** In ISO 8601. */
  start: string
  seconds: number
  command: string | null
}

/** @throws InputError with place, cause and hint */
export function parseEnvironment(value: unknown, where: string): RunEnvironment {
  const given = objectOf(value, where, 'this is no environment of a run', HINT)
  const text = (key: keyof RunEnvironment) => textOf(given[key], `${where}.${key}`, 1000)
  const textOrNull = (key: keyof RunEnvironment) => (given[key] === null ? null : text(key))
  return {
    version: text('version'),
    device: text('device'),
    // Runs from before it was kept have none.
    deviceNote: (given.deviceNote ?? null) === null ? null : textOf(given.deviceNote, `${where}.deviceNote`),
    // As of runs from before these were kept.
    xla: (given.xla ?? null) === null ? null : xlaOf(given.xla, `${where}.xla`),
    gpu: (given.gpu ?? null) === null ? null : gpuUseOf(given.gpu, `${where}.gpu`),
    backend: text('backend'),
    tensorflow: textOrNull('tensorflow'),
    node: text('node'),
    electron: textOrNull('electron'),
    os: text('os'),
    seed: finiteNumber(given.seed, `${where}.seed`, ANY),
    data: given.data === null ? null : dataOf(given.data, `${where}.data`),
    remedies: revisionsOf(given.remedies ?? {}, `${where}.remedies`),
    start: dateOf(given.start, `${where}.start`),
    seconds: finiteNumber(given.seconds, `${where}.seconds`, COUNT),
    command: given.command === null ? null : textOf(given.command, `${where}.command`),
  }
}

/** Runs from before any remedy's meaning changed have none. */
function revisionsOf(value: unknown, where: string): RunEnvironment['remedies'] {
  const given = Object.entries(objectOf(value, where, 'these are no remedies', HINT))
  return Object.fromEntries(given.map(([name, one]) => [name, finiteNumber(one, `${where}.${name}`, COUNT)]))
}

function dataOf(value: unknown, where: string): RunEnvironment['data'] {
  const { name, sha256 } = objectOf(value, where, 'these are no data', HINT)
  return { name: textOf(name, `${where}.name`, 100), sha256: textOf(sha256, `${where}.sha256`, 100) }
}

function xlaOf(value: unknown, where: string): XlaChoice {
  const { used, times, why } = objectOf(value, where, 'this is no choice of XLA', HINT)
  return {
    used: trueOrFalse(used, `${where}.used`),
    times: times === null ? null : timesOf(times, `${where}.times`),
    why: why === null ? null : textOf(why, `${where}.why`),
  }
}

function timesOf(value: unknown, where: string): NonNullable<XlaChoice['times']> {
  const { compiled, plain } = objectOf(value, where, 'these are no times', HINT)
  return {
    compiled: finiteNumber(compiled, `${where}.compiled`, COUNT),
    plain: finiteNumber(plain, `${where}.plain`, COUNT),
  }
}

function gpuUseOf(value: unknown, where: string): WholeGpuUse {
  const given = objectOf(value, where, 'this is no use of a GPU', HINT)
  const number = (key: keyof WholeGpuUse, bounds = COUNT) =>
    finiteNumber(given[key], `${where}.${key}`, bounds)
  return {
    busy: number('busy', { minimum: 0, maximum: 1 }),
    bytes: number('bytes'),
    total: number('total'),
    readings: number('readings'),
  }
}
