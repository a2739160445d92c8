import { expect, test } from 'vitest'
import { presetNamed } from '../../../shared/block/presets'
import { parseBlockGraph } from '../../../shared/block/file'
import { FRAMEWORKS } from '../../../shared/export/frameworks'
import { KERAS_LAYER_CLASSES } from '../../../shared/export/keras/layer-classes'
import { exportedNetwork } from '../../../shared/export/network'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { KERAS_LAYERS } from '../../../main/export/keras/custom'

const codeOf = (framework: string, changes: Partial<Experiment>): string =>
  FRAMEWORKS.find(({ name }) => name === framework)!.write(
    exportedNetwork({ ...defaultExperiment(), blocks: 5, compare: [], ...changes }, 0, false),
  )

test('layers that Keras lacks are the same text in code and beside an export', () => {
  const code = codeOf('keras', { remedies: ['layerscale'] })
  expect(code).toContain(KERAS_LAYER_CLASSES.Gain)
  expect(KERAS_LAYERS).toContain(KERAS_LAYER_CLASSES.Gain)
  expect(code).not.toContain('class Shift')
})

test('a layer whose id Keras does not take has another name there, and its arrays are found by its id', () => {
  const block = parseBlockGraph(
    {
      ...{ version: 1, name: 'own', title: 'Own', description: '', output: 'in/out' },
      nodes: [{ id: 'in/out', op: 'linear', inputs: ['input'], units: 1 }],
    },
    'block',
  )
  const code = codeOf('keras', { block: [block] })
  expect(code).toContain("name='in_out')")
  expect(code).toContain("LAYERS = {\n    'in_out': 'in/out',\n}")
  expect(codeOf('pytorch', { block: [block] })).toContain('self.in_out = ')
})

test.each(FRAMEWORKS)('$title: words of a block end no comment', ({ name }) => {
  const block = { ...presetNamed('original'), title: 'a */ b """ c \\ d', description: '*"/ """' }
  const plain = codeOf(name, { block: [presetNamed('original')] })
  const count = (text: string, sign: string) => text.split(sign).length
  for (const sign of ['*/', '"""', '\\'])
    expect(count(codeOf(name, { block: [block] }), sign)).toBe(count(plain, sign))
})

test.each([
  ['pytorch', 'self.output = he(nn.Linear(100, 10), 0)'],
  ['keras', "layers.Dense(10, kernel_initializer='zeros', name='logits')"],
  ['jax', "'output': he(next(keys), (100, 10), 0)"],
  ['tfjs', 'const output = he([100, 10], 0)'],
] as const)('%s: the layer to the classes starts at 0 with Fixup', (name, output) => {
  const network = exportedNetwork({ ...defaultExperiment(), compare: [], remedies: ['fixup'] }, 0, true)
  expect(FRAMEWORKS.find((one) => one.name === name)!.write(network)).toContain(output)
})

test.each(FRAMEWORKS)('$title: factors are commented as people write them', ({ name }) => {
  expect(codeOf(name, { block: [presetNamed('full-preactivation')], remedies: ['deepnorm'] })).toMatch(
    / h.* 5\^\(1\/4\)/,
  )
  expect(codeOf(name, { remedies: ['rsqrt2'] })).toContain('1/sqrt(2)')
  expect(codeOf(name, { remedies: ['nf'] })).not.toMatch(/[#/] 0\.2$/m)
})
