import * as fs from 'node:fs'
import * as path from 'node:path'
import { isOwnerAlive } from '../../../bin/lib/lock.mjs'
import { isTrainingKind, type RunEntry } from '../../../shared/runs/run'
import { CHECKPOINT_FILE } from '../../trainer/engine/checkpoint/checkpoint'
import type { IndexedRun } from './index-file'
import { CELLS_FILE } from './stored'

/** What a training goes on from. */
const CHECKPOINTS = [CHECKPOINT_FILE, CELLS_FILE]

/** How long another machine's run counts as at work after its last sign of life. */
const QUIET_MS = 600_000

/** Whether a run's folder holds what it can be gone on with from. */
export const hasCheckpoint = (folder: string, { kind }: RunEntry): boolean =>
  isTrainingKind(kind) && CHECKPOINTS.some((name) => fs.existsSync(path.join(folder, name)))

/** A run whose process has ended is not running any more, whatever its file says. */
export function living(library: string, run: IndexedRun): IndexedRun {
  if (run.entry.state !== 'running') return run
  const folder = path.join(library, run.entry.id)
  if (isAtWork(folder, run)) return run
  return {
    ...run,
    entry: { ...run.entry, state: 'interrupted', canResume: hasCheckpoint(folder, run.entry) },
  }
}

function isAtWork(folder: string, { owner }: IndexedRun): boolean {
  const isAlive = owner && isOwnerAlive(owner)
  if (isAlive !== null) return isAlive
  try {
    return Date.now() - Math.max(...signsOfLife(folder)) < QUIET_MS
  } catch {
    return false
  }
}

const signsOfLife = (folder: string) =>
  [folder, ...CHECKPOINTS.map((name) => path.join(folder, name))].map(
    (one) => fs.statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0,
  )
