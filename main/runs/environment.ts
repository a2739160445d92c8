import { createHash } from 'node:crypto'
import * as os from 'node:os'
import { version } from '../../package.json'
import { usesMnist1d } from '../../shared/data/batch'
import { mnist1d } from '../../shared/data/mnist1d'
import type { DeviceStatus } from '../../shared/protocol/protocol'
import { isTrainingKind, type RunEnvironment, type RunKind } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'

interface Made {
  kind: RunKind
  experiment: Experiment
  /** Null: the page computed it by itself, in float64. */
  device: DeviceStatus | null
  /** ISO 8601. */
  start: string
  seconds: number
  command: string | null
}

/** What a run was made with, as of now and here. */
export function environmentOf({ kind, experiment, device, start, seconds, command }: Made): RunEnvironment {
  const { node, electron } = process.versions as Record<string, string>
  const looksAtData = isTrainingKind(kind) || usesMnist1d(experiment)
  return {
    version,
    device: device?.description ?? 'float64',
    backend: device?.backend ?? 'float64',
    tensorflow: device?.backend === 'tensorflow' ? device.version : null,
    node,
    electron: electron ?? null,
    os: `${os.type()} ${os.release()} ${process.arch}`,
    seed: experiment.seed,
    data: looksAtData ? { name: 'mnist1d', sha256: mnist1dHash() } : null,
    start,
    seconds,
    command,
  }
}

let hash: string | null = null

/** Of all samples and labels, little-endian: training's, then the test's. */
function mnist1dHash(): string {
  if (hash !== null) return hash
  const { x, y, xTest, yTest } = mnist1d()
  const sum = createHash('sha256')
  for (const part of [x, y, xTest, yTest])
    sum.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  hash = sum.digest('hex')
  return hash
}
