import { deletionCounts, type Lesion } from '../../shared/lesion/lesion'
import type { LesionResult } from '../../shared/lesion/results'
import type { RunDocument } from '../../shared/runs/run'
import type { Experiment } from '../../shared/settings/experiment'
import {
  LESION_RANGES,
  defaultLesionSettings,
  type LesionKind,
  type LesionSettings,
} from '../../shared/settings/lesion'

/**
 * The experiment of a run of lesions with the section of their view: the command line asks by options, and its
 * experiment has none.
 */
export function experimentOfLesions({ entry, experiment, result }: RunDocument): Experiment {
  const found = result as LesionResult | null
  if (experiment.lesion || !found) return experiment
  const { lesions, each } = found
  const counts = deletionCounts(experiment.blocks).length
  const lesion: LesionSettings = {
    ...defaultLesionSettings(),
    ...(each > 0 ? { kind: kindOf(lesions[0]) } : {}),
    ...(lesions.length - each >= counts ? { draws: Math.floor((lesions.length - each) / counts) } : {}),
    ...(isTrained(found)
      ? {
          training: true,
          statistics: / --statistics changed\b/.test(entry.command ?? '') ? 'changed' : 'intact',
        }
      : {
          replicas: Math.min(experiment.replicas, LESION_RANGES.replicas.maximum),
          batch: Math.min(experiment.batch, LESION_RANGES.batch.maximum),
        }),
  }
  return { ...experiment, lesion }
}

/** Trained networks say how they classified. */
export const isTrained = ({ series }: LesionResult): boolean => series.some(({ intact }) => intact !== null)

const kindOf = (lesion: Lesion): LesionKind =>
  'delete' in lesion ? 'delete' : 'duplicate' in lesion ? 'duplicate' : 'exchange'
