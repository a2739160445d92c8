import { describe, expect, it } from 'vitest'
import { deletionCounts, type Lesion } from '../../../shared/lesion/lesion'
import type { RunDocument } from '../../../shared/runs/run'
import { defaultLesionSettings } from '../../../shared/settings/lesion'
import { defaultExperiment } from '../../../shared/settings/table'
import { experimentOfLesions } from '../../../renderer/state/lesion-asked'

const experiment = { ...defaultExperiment(), blocks: 3, replicas: 7, batch: 32 }
const EXCHANGED: Lesion[] = [{ permute: [1, 2] }, { permute: [2, 3] }]
const RANDOM: Lesion[] = deletionCounts(3).flatMap(() => [{ delete: [1] }, { delete: [2] }, { delete: [3] }])

/** A run of the command line: its experiment has no section of lesions. */
const ran = (command: string, lesions: Lesion[], each: number, intact: object | null = null) =>
  ({
    entry: { command },
    experiment,
    result: { lesions, each, series: [{ intact }] },
  }) as unknown as RunDocument

describe('what a run of lesions asked for', () => {
  it('is read from what was measured', () => {
    const run = ran('npx residual-lab lesion --each exchange --random 3', [...EXCHANGED, ...RANDOM], 2)
    expect(experimentOfLesions(run)).toEqual({
      ...experiment,
      lesion: { ...defaultLesionSettings(), kind: 'exchange', draws: 3, replicas: 7, batch: 32 },
    })
  })

  it('is of trained networks where these say how they classified', () => {
    const { training, statistics } = experimentOfLesions(
      ran('npx residual-lab lesion --run elm-1 --each exchange --statistics changed', EXCHANGED, 2, {}),
    ).lesion!
    expect([training, statistics]).toEqual([true, 'changed'])
    const kept = ran('npx residual-lab lesion --run elm-1 --each exchange', EXCHANGED, 2, {})
    expect(experimentOfLesions(kept).lesion!.statistics).toBe('intact')
  })

  it('stays as the experiment says it, where it does', () => {
    const said = { ...experiment, lesion: { ...defaultLesionSettings(), draws: 9 } }
    const run = { ...ran('', EXCHANGED, 2), experiment: said }
    expect(experimentOfLesions(run)).toBe(said)
  })
})
