import type { Experiment, SettingKey } from '../../shared/settings/experiment'

/** What a control needs of the experiment that it edits; `ExperimentState` is one. */
export interface EditedExperiment {
  /** Always valid. */
  readonly document: Experiment
  /** Why the user's text is not in the document. */
  readonly errors: Partial<Record<SettingKey, string>>
  /** Whether the control shows something that is not in the document. */
  isDraft(key: SettingKey): boolean
  /** What the control shows: the user's text, valid or not. */
  shown(key: SettingKey): unknown
  set(key: SettingKey, value: unknown): void
}
