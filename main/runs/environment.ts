import * as os from 'node:os'
import { version } from '../../package.json'
import { remedyRevisions } from '../../shared/block/remedies'
import { inputData, usesData } from '../../shared/data/batch'
import { describedData } from '../../shared/data/data-sets'
import type { DataDescription } from '../../shared/data/description'
import { dataSetOf } from '../../shared/data/samples'
import { dataHash } from '../data/hash'
import { openDataStore } from '../data/store'
import { dataFolder } from '../files/data-folder'
import type { DeviceStatus } from '../../shared/protocol/protocol'
import type { WholeGpuUse, XlaChoice } from '../../shared/runs/computed'
import type { RunEnvironment } from '../../shared/runs/environment'
import { isTrainingKind, type RunKind } from '../../shared/runs/run'
import { remediesOf, type Experiment } from '../../shared/settings/experiment'

interface Made {
  kind: RunKind
  experiment: Experiment
  /** Null: the page computed it by itself, in float64. */
  device: DeviceStatus | null
  /** ISO 8601. */
  start: string
  seconds: number
  command: string | null
  xla?: XlaChoice | null
  gpu?: WholeGpuUse | null
}

/** What a run was made with, as of now and here. */
export function environmentOf(made: Made): RunEnvironment {
  const { kind, experiment, device, start, seconds, command, xla = null, gpu = null } = made
  const { node, electron } = process.versions as Record<string, string>
  const data = isTrainingKind(kind)
    ? describedData(experiment)
    : usesData(experiment)
      ? inputData(experiment)
      : null
  return {
    version,
    device: device?.description ?? 'float64',
    deviceNote: device?.note ?? null,
    ...{ xla, gpu },
    backend: device?.backend ?? 'float64',
    tensorflow: device?.backend === 'tensorflow' ? device.version : null,
    node,
    electron: electron ?? null,
    os: `${os.type()} ${os.release()} ${process.arch}`,
    seed: experiment.seed,
    data: data && { name: data.name, sha256: hashOf(data) },
    remedies: remedyRevisions(remediesOf(experiment)),
    start,
    seconds,
    command,
  }
}

const known = new Map<string, string>()

/** Of samples from elsewhere the folder in which they are kept says it. */
function hashOf(data: DataDescription): string {
  const kept = data.origin === 'fetched' ? openDataStore(dataFolder()).describe(data.name) : data
  return kept.sha256 ?? madeHash(data)
}

/** Of a data set that the program makes or carries. */
function madeHash({ name }: DataDescription): string {
  const hash = known.get(name) ?? dataHash(dataSetOf({ data: name }))
  known.set(name, hash)
  return hash
}
