import { SECTIONS } from '../../shared/settings/sections'
import { SETTINGS } from '../../shared/settings/table'
import { trainingExperiment } from '../../shared/experiment/experiment'
import type { Experiment, SettingKey } from '../../shared/settings/experiment'

/** What a result answers: which part of the experiment it depends on, and what else was asked. */
export interface Question {
  experiment: Experiment
  /** All settings of a measurement, all of training, or those that are named. */
  dependsOn: 'measuring' | 'training' | readonly SettingKey[]
  /** What a view asks beyond the settings; plain values. */
  asks?: unknown
}

const measuredSections = SECTIONS.filter(({ isMeasured }) => isMeasured).map(({ key }) => key)
const measured = SETTINGS.filter(({ group }) => group !== 'training').map(({ key }) => key)
const trained = SETTINGS.map(({ key }) => key)

/**
 * The text that is the same for two questions exactly where one answer serves both. Where a block's nodes are drawn
 * changes no number.
 */
export function questionKey({ experiment, dependsOn, asks = null }: Question): string {
  const values = (keys: readonly (keyof Experiment)[], of: Experiment) => keys.map((key) => of[key])
  const settings =
    dependsOn === 'measuring'
      ? values([...measured, ...measuredSections], experiment)
      : dependsOn === 'training'
        ? values([...trained, ...measuredSections], trainingExperiment(experiment))
        : values(dependsOn, experiment)
  return JSON.stringify([dependsOn, settings, sorted(asks)], (key, value: unknown) =>
    key === 'layout' ? undefined : value,
  )
}

/** With the fields of objects in one order: settings that were read from a document have another than the defaults. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(sorted)
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([key, own]) => [key, sorted(own)]))
}
