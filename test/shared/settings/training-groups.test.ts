import { describe, expect, it } from 'vitest'
import { SETTINGS, defaultExperiment } from '../../../shared/settings/table'
import { TRAINING_GROUPS, actsInTraining } from '../../../shared/settings/training-groups'
import type { Experiment, SettingKey } from '../../../shared/settings/experiment'

const shown = (changes: Partial<Experiment>): SettingKey[] =>
  TRAINING_GROUPS.flatMap(({ keys }) =>
    keys.filter((key) => actsInTraining(key, { ...defaultExperiment(), ...changes })),
  )

describe('the groups of training’s settings', () => {
  it('have every setting of training once, but for those with one choice', () => {
    const all = SETTINGS.filter(
      (s) => s.group === 'training' && !(s.type === 'choice' && s.choices.length === 1),
    )
    expect(TRAINING_GROUPS.flatMap(({ keys }) => keys).sort()).toEqual(all.map(({ key }) => key).sort())
  })

  it('show what acts alone', () => {
    expect(shown({})).not.toContain('beta2')
    expect(shown({})).toContain('nesterov')
    expect(shown({ momentum: 0 })).not.toContain('nesterov')
    expect(shown({ optimizer: 'adamw' })).toEqual(expect.arrayContaining(['momentum', 'beta2', 'epsilon']))
    expect(shown({ optimizer: 'rmsprop' })).not.toContain('nesterov')
    expect(shown({ schedule: 'step' })).toEqual(expect.arrayContaining(['milestones', 'decay']))
    expect(shown({ schedule: 'cosine' })).not.toContain('decay')
    expect(shown({ epochs: 3 })).not.toContain('steps')
    expect(shown({})).toContain('steps')
    const augmentation = (changes: Partial<Experiment>) =>
      shown(changes).filter((key) => key.startsWith('augment'))
    expect(augmentation({})).toEqual(['augmentShift', 'augmentNoise'])
    expect(augmentation({ data: 'moons' })).toEqual(['augmentNoise'])
    expect(augmentation({ data: 'digits' })).toHaveLength(4)
    // Refused, and to be switched off.
    expect(augmentation({ data: 'moons', augmentFlip: 'on' })).toEqual(['augmentFlip', 'augmentNoise'])
  })
})
