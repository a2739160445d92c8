import { describe, expect, test } from 'vitest'
import { InputError } from '../../../shared/base/errors'
import { SECTIONS } from '../../../shared/settings/sections'
import { SETTINGS, defaultExperiment } from '../../../shared/settings/table'
import {
  COMMAND_LINE,
  checkTogether,
  openingExperiment,
  parseExperiment,
  trainingExperiment,
} from '../../../shared/experiment/experiment'
import { seriesOf } from '../../../shared/network/series'

const message = (value: unknown) => {
  try {
    parseExperiment(value, 'file.json')
  } catch (error) {
    if (error instanceof InputError) return error.message
    throw error
  }
  return 'no error'
}

test('what is saved can be read again', () => {
  const experiment = openingExperiment()
  expect(parseExperiment(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment)
})

test('absent fields take their defaults', () => {
  expect(parseExperiment({ blocks: 7 })).toEqual({ ...defaultExperiment(), blocks: 7 })
})

test('the opening comparison has five curves: three blocks, and three remedies for type 2', () => {
  expect(seriesOf(openingExperiment()).map((s) => `${s.block.name}/${s.remedy}`)).toEqual([
    'relu-linear/none',
    'relu-linear/rsqrt2',
    'relu-linear/batch-norm',
    'linear-relu/none',
    'practical/none',
  ])
})

describe('bad input gets one line: where, what, how to mend it', () => {
  test.each([
    [
      [],
      'file.json: this is not an experiment (a JSON object). Save one from the workbench to see the form.',
    ],
    [
      { version: 2 },
      'file.json.version: version 2 is not known here (this program reads version 1). Open it with the ' +
        'Residual Lab that saved it, or a newer one.',
    ],
    [{ wdith: 3 }, 'file.json.wdith: there is no such setting. Did you mean "width"?'],
    [{ width: 0 }, 'file.json.width: 0 is out of range. Give a whole number from 1 to 16384.'],
    [{ width: 1.5 }, 'file.json.width: 1.5 is not a whole number. Give a whole number from 1 to 16384.'],
    [{ width: '100' }, 'file.json.width: "100" is not a whole number. Give a whole number from 1 to 16384.'],
    [{ gain: NaN }, 'file.json.gain: NaN is not a number. Give a number from 0 to 100.'],
    [{ seed: -1 }, 'file.json.seed: -1 is out of range. Give a whole number from 0 to 4294967295.'],
    [{ init: 'hee' }, 'file.json.init: "hee" is not a choice. Did you mean "he"?'],
    [
      { block: ['relu-liner'] },
      'file.json.block: there is no block "relu-liner". Did you mean "relu-linear"?',
    ],
    [
      { block: 'relu-linear' },
      'file.json.block: "relu-linear" is not a list of blocks. Give names of presets or block graphs.',
    ],
    [{ block: [] }, 'file.json.block: no block is chosen. Choose at least one block.'],
    [{ remedies: ['rsqrt'] }, 'file.json.remedies: there is no remedy "rsqrt". Did you mean "rsqrt2"?'],
    [
      { input: 'mnist1d' },
      'file.json.stem: MNIST-1D has 40 values a sample and the network is 100 wide. Use stem "linear", or width 40.',
    ],
    [
      { input: 'mnist1d', stem: 'linear', batch: 5000 },
      'file.json.batch: MNIST-1D has 4000 training samples, not 5000. Give at most 4000.',
    ],
  ])('%j', (value, expected) => expect(message(value)).toBe(expected))

  const drawn = (op: string, name = 'drawn') => ({
    name,
    nodes: [{ id: 'a', op, inputs: ['input'], units: 1, kernel: 1, stride: 1, padding: 0 }],
    output: 'a',
  })
  const layer = { name: 'own', nodes: [{ id: 'a', op: 'linear', inputs: ['input'], units: 1 }], output: 'a' }
  const stages = { stages: [{ blocks: 1, width: 100, stride: 1 }], shortcut: 'A' }
  test.each<[object, string]>([
    [
      { xyz: 1 },
      'file.json.xyz: there is no such setting. The settings are ' +
        [...SETTINGS, ...SECTIONS].map(({ key }) => key).join(', ') +
        '.',
    ],
    [
      { remedies: [] },
      'file.json.remedies: no remedy is chosen. Choose at least one; "none" is the block as drawn.',
    ],
    [{ remedies: [], block: [], compare: ['practical'] }, 'no error'],
    [{ block: ['practical'], compare: ['practical'] }, 'no error'],
    [
      { compare: [layer, { ...layer, nodes: [...layer.nodes] }] },
      'file.json.block: two blocks have the name "own". Give your block a name of its own: curves are told apart ' +
        'by it.',
    ],
    [
      { input: 'images' },
      'file.json.stem: an image has 3 channels and the network is 100 wide. Use stem "linear", or width 3.',
    ],
    [
      { input: 'sequence' },
      'file.json.stem: a sequence has 1 channel and the network is 100 wide. Use stem "linear", or width 1.',
    ],
    [{ input: 'mnist1d', width: 40 }, 'no error'],
    [{ input: 'mnist1d', stem: 'linear', batch: 4000 }, 'no error'],
    [{ batch: 5000 }, 'no error'],
    [
      { block: [drawn('conv-2d')], input: 'sequence', stem: 'linear' },
      'file.json.input: block "drawn" has 2-D convolutions, and this input has no rows and columns. Use input ' +
        '"images".',
    ],
    [
      { compare: [drawn('conv-1d')] },
      'file.json.input: block "drawn" has convolutions, and this input has no positions. Use input "sequence", or ' +
        '"images".',
    ],
    [{ block: [drawn('conv-1d')], input: 'sequence', stem: 'linear' }, 'no error'],
    [{ block: [drawn('conv-1d')], input: 'images', stem: 'linear' }, 'no error'],
    [
      { network: { ...stages, stages: [{ ...stages.stages[0], block: drawn('conv-1d') }] } },
      'file.json.input: block "drawn" has convolutions, and this input has no positions. Use input "sequence", or ' +
        '"images".',
    ],
    [
      { block: [{ ...layer, nodes: [{ id: 'a', op: 'group-norm', inputs: ['input'], groups: 3 }] }] },
      'file.json.block: in block "own", 3 groups do not divide 100 units. Use 2 groups.',
    ],
    [
      {
        network: stages,
        block: [{ ...layer, nodes: [{ id: 'a', op: 'group-norm', inputs: ['input'], groups: 3 }] }],
      },
      'file.json.network: in block "own", 3 groups do not divide 100 units. Use 2 groups.',
    ],
  ])('also %j', (value, expected) => expect(message(value)).toBe(expected))

  test('what comes from options names options', () => {
    const refusal = (changes: object) => {
      try {
        checkTogether({ ...defaultExperiment(), ...changes }, COMMAND_LINE)
        return 'no error'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(refusal({ block: [] })).toBe('--block: no block is chosen. Choose at least one block.')
    const norm = {
      name: 'own',
      title: '',
      description: '',
      nodes: [{ id: 'a', op: 'group-norm', inputs: ['input'], groups: 3 }],
      output: 'a',
    }
    expect(refusal({ block: [norm] })).toMatch(/^--block: in block "own"/)
    expect(refusal({ block: [norm], network: stages })).toMatch(/^--network: in block "own"/)
  })

  test('two blocks of one name', () => {
    const nodes = [{ id: 'a', op: 'linear', inputs: ['input'], units: 1 }]
    expect(message({ block: ['relu-linear', { name: 'relu-linear', nodes, output: 'a' }] })).toBe(
      'file.json.block: two blocks have the name "relu-linear". Give your block a name of its own: curves ' +
        'are told apart by it.',
    )
  })

  test('the same preset twice is one curve', () => {
    expect(parseExperiment({ block: ['practical', 'practical'] }).block).toEqual(['practical'])
  })

  test('prototype keys are no settings', () => {
    expect(message(JSON.parse('{"__proto__": {"width": 3}}'))).toContain('there is no such setting')
  })
})

test('training needs labels: MNIST-1D behind a stem, or a sequence of it; images stay', () => {
  const experiment = {
    ...defaultExperiment(),
    replicas: 20,
    trainReplicas: 3,
    batch: 5000,
    stem: 'none' as const,
  }
  expect(trainingExperiment(experiment)).toEqual({
    ...experiment,
    input: 'mnist1d',
    stem: 'linear',
    replicas: 3,
    batch: 4000,
  })
  const inputs = (['normal', 'mnist1d', 'sequence', 'images'] as const).map(
    (input) => trainingExperiment({ ...experiment, input }).input,
  )
  expect(inputs).toEqual(['mnist1d', 'mnist1d', 'sequence', 'images'])
  expect(trainingExperiment({ ...experiment, batch: 10 }).batch).toBe(10)
})
