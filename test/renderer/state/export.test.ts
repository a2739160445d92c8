import { expect, it } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { defaultExperiment } from '../../../shared/settings/table'
import { Exports, fileName } from '../../../renderer/state/export'
import type { FileContent } from '../../../renderer/base/files'

const experiment = { ...defaultExperiment(), remedies: ['none', 'batch-norm'], seed: 7 }

it('names files after view, chart and experiment', () => {
  expect(fileName({ view: 'lesions', chart: 'each', experiment }, 'csv')).toBe(
    'residual-lab-lesions-each-relu-linear-batch-norm-20x100-seed-7.csv',
  )
  const drawn = { ...presetNamed('practical'), name: '../Mine & yours' }
  const long = Array.from({ length: 20 }, () => 'full-preactivation')
  expect(fileName({ view: 'paths', experiment: { ...experiment, block: [drawn] } }, 'png')).toBe(
    'residual-lab-paths-mine-yours-batch-norm-20x100-seed-7.png',
  )
  expect(fileName({ view: 'order', experiment: { ...experiment, block: long } }, 'csv')).toMatch(
    /^residual-lab-order-(full-preactivation-)+full\.csv$/,
  )
})

it('spells encoding and type of each kind of file', () => {
  const saved: FileContent[] = []
  const exports = new Exports(
    (file) => Promise.resolve(void saved.push(file)),
    () => {},
  )
  const what = { view: 'signal', chart: 'q', experiment }
  exports.csv(what, { header: ['k', 'q'], rows: [[1, Infinity]] })
  exports.picture(what, 'aGk=')
  const name = 'residual-lab-signal-q-relu-linear-batch-norm-20x100-seed-7'
  expect(saved).toEqual([
    { name: `${name}.csv`, content: 'k,q\r\n1,Infinity\r\n', encoding: 'text', type: 'text/csv' },
    { name: `${name}.png`, content: 'aGk=', encoding: 'base64', type: 'image/png' },
  ])
})
