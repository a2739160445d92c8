import { expect, test } from 'vitest'
import { SECTIONS } from '../../../shared/settings/sections'
import { parseExperiment } from '../../../shared/experiment/experiment'
import { OWN_DATA } from '../data/own-data'
import { presetNamed } from '../../../shared/block/presets'
import { draftOf } from '../../../shared/block/draft'
import { defaultDepth } from '../../../shared/settings/depth'
import { defaultOrder } from '../../../shared/settings/order'
import { defaultLesionSettings } from '../../../shared/settings/lesion'
import { defaultSweep } from '../../../shared/settings/sweep'
import { defaultPaths } from '../../../shared/settings/paths'
import { defaultShatter } from '../../../shared/settings/shatter'

/** A valid value of every section, each with all the fields that it can have. */
const COMPLETE: Record<string, object> = {
  ownData: OWN_DATA,
  network: { stages: [{ blocks: 2, width: 16, stride: 1 }], shortcut: 'B', stem: 'bn-relu', head: 'bn-relu' },
  shatter: defaultShatter(),
  lesion: defaultLesionSettings(),
  paths: defaultPaths(),
  order: defaultOrder(),
  depth: defaultDepth(),
  sweep: defaultSweep(),
  draft: { of: 'relu-linear', draft: draftOf(presetNamed('relu-linear')) },
}

/** A letter too many in the middle, as fingers do it. */
const misspelt = (key: string) => key.slice(0, 2) + key[1] + key.slice(2)

const cases = SECTIONS.flatMap(({ key: section }) =>
  Object.keys(COMPLETE[section]).map((key) => [section, misspelt(key), key] as const),
)

test('every section of the table is tried', () => {
  expect(Object.keys(COMPLETE).sort()).toEqual(SECTIONS.map(({ key }) => key).sort())
})

test.each(cases)('%s: %s is refused, and %s is meant', (section, wrong, key) => {
  const { [key]: value, ...rest } = COMPLETE[section] as Record<string, unknown>
  expect(() => parseExperiment({ [section]: { ...rest, [wrong]: value } })).toThrow(
    new RegExp(`^experiment\\.${section}\\.${wrong}: .*\\. Did you mean "${key}"\\?$`),
  )
})

test.each([
  [{ network: { stages: [{ blocks: 2, widht: 16 }] } }, 'experiment.network.stages[0].widht: ', 'width'],
  [{ block: [{ ...presetNamed('original'), tilte: 'x' }] }, 'experiment.block[0].tilte: ', 'title'],
  [
    {
      block: [
        { ...presetNamed('original'), nodes: [{ id: 'a', op: 'relu', inputs: ['input'], inptus: [] }] },
      ],
    },
    'experiment.block[0].nodes[0]: ',
    'inputs',
  ],
])('a stage, a block and an operation too: %#', (experiment, place, meant) => {
  let message = ''
  try {
    parseExperiment(experiment)
  } catch (error) {
    message = (error as Error).message
  }
  expect(message.startsWith(place)).toBe(true)
  expect(message.endsWith(`Did you mean "${meant}"?`)).toBe(true)
})
