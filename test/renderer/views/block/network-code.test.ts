import { expect, test } from 'vitest'
import { networkCode } from '../../../../renderer/views/block/network-code'
import { presetNamed } from '../../../../shared/block/presets'
import { FRAMEWORKS } from '../../../../shared/export/frameworks'
import { exportedNetwork } from '../../../../shared/export/network'
import { defaultExperiment } from '../../../../shared/settings/table'

const document = {
  ...defaultExperiment(),
  blocks: 3,
  remedies: ['none', 'batch-norm'],
  compare: ['original'],
}
const block = presetNamed('relu-linear')

test.each(FRAMEWORKS)('$title: the code beside the editor is that of the series', (framework) => {
  for (const [series, remedy] of document.remedies.entries()) {
    for (const hasHead of [false, true]) {
      const own = exportedNetwork({ ...document, block: ['relu-linear'] }, series, hasHead)
      const code = networkCode(block, document, { framework, remedy, hasHead })
      expect(code).toBe(framework.write(own))
    }
  }
})

test.each(FRAMEWORKS)('$title: remedy, head and initialisation are in the code', (framework) => {
  const code = (remedy: string, hasHead = false, init: 'he' | 'lecun' = 'he') =>
    networkCode(block, { ...document, init }, { framework, remedy, hasHead })
  const all = [code('none'), code('batch-norm'), code('none', true), code('none', false, 'lecun')]
  expect(new Set(all).size).toBe(4)
})
