import { describe, expect, test } from 'vitest'
import { PRESETS, presetSources } from '../../../shared/block/presets'
import { REMEDIES } from '../../../shared/block/remedies'
import { PAPERS } from '../../../shared/base/papers'
import { TRAINING_PAPERS } from '../../../shared/base/training-papers'
import { bibtexOf } from '../../../shared/report/bibtex'
import { citations, referenceText } from '../../../shared/report/citations'
import { methodsOf } from '../../../shared/report/methods'
import { RUN_KINDS, type RunDocument } from '../../../shared/runs/run'
import type { Experiment } from '../../../shared/settings/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from '../runs/entries'

const documentOf = (own: Partial<Experiment> = {}, over: Partial<RunDocument> = {}): RunDocument => ({
  ...{
    entry: entry({ kind: 'train' }),
    environment: null,
    started: null,
    result: { steps: 300, series: [] },
  },
  experiment: { ...defaultExperiment(), ...own },
  ...over,
})

const textOf = (document: RunDocument) => methodsOf([document]).paragraphs[0].text
const keysOf = (document: RunDocument) => methodsOf([document]).references.map(({ key }) => key)

test('a measurement of the signal, word by word', () => {
  const document = documentOf(
    { remedies: ['none', 'rsqrt-depth'], gain: 1.5, stem: 'linear' },
    { entry: entry() },
  )
  expect(textOf(document)).toBe(
    'We looked at residual networks of 20 blocks of width 100. The block is “Type 2” (Prince, 2023), ReLU lin, +, in ' +
      'the order of its operations (lin: linear layer, +: sum with the input). It was ' +
      'used in ' +
      '2 forms: the block as it is; each branch multiplied by 1/√L (Hayou et al., 2021). Weights of the blocks ' +
      'were drawn ' +
      'from a normal distribution of variance 2/fan-in (He et al., 2015), with 1.5 times its standard deviation; ' +
      'biases ' +
      'started at zero. Inputs were a batch of 128 samples: independent standard normal values, which a linear ' +
      'layer with ' +
      'He’s initialisation takes to the first block. Behind every block k we measured the mean square q_k, the ' +
      'variance ' +
      'over the batch v_k and the mean m_k of the activations, and the mean square p_k of the gradient with ' +
      'respect to ' +
      'them, of an independent standard normal gradient for every sample and unit at the top, over its value ' +
      'there. Each ' +
      'curve is over n = 20 networks that differ in their random numbers alone (seed 1); curves share initial ' +
      'weights ' +
      'where their parameters coincide, so that comparisons are paired. Lines are arithmetic means over the ' +
      'networks, ' +
      'bands reach from the 5th to the 95th percentile. Residual Lab 0.1.0 computed this in float32 on CPU, ' +
      'TensorFlow ' +
      '2.21.0 (Smilkov et al., 2019), in 0.4 s.',
  )
})

describe('a training', () => {
  test('says data, optimizer, schedule, batches, steps and what is evaluated', () => {
    const text = textOf(
      documentOf({
        ...{
          block: ['original'],
          optimizer: 'adamw',
          weightDecay: 0.1,
          schedule: 'cosine',
          warmup: 10,
          steps: 200,
        },
        ...{ clip: 1, labelSmoothing: 0.1, patience: 3, seed: 7 },
      }),
    )
    for (const part of [
      'The networks learned the data set MNIST-1D (Greydanus, 2020): 4,000 samples to train on and 1,000 to ' +
        'test, 10 classes.',
      'They were trained on the cross-entropy by AdamW (Loshchilov and Hutter, 2019), β₁ = 0.9, β₂ = 0.999, ε = ' +
        '1e-8, with ' +
        'batches of 128 samples and a learning rate of 0.01, which followed half a cosine down to 0 (Loshchilov ' +
        'and Hutter, ' +
        '2017), with a linear warm-up of 10 steps (Goyal et al., 2017).',
      'Training used weight decay of 0.1 on every parameter, each network’s gradient clipped to a norm of 1 ' +
        '(Pascanu et ' +
        'al., 2013) and label smoothing of 0.1 (Szegedy et al., 2016).',
      'Training took 200 steps, or until the mean test loss had not fallen in 3 evaluations (Prechelt, 1998).',
      'There, batch normalisation used means and variances over the training samples (Wu and Johnson, 2021).',
      'n = 5 networks that differ in their random numbers alone (seed 7)',
      'The networks hold batch norm (Ioffe and Szegedy, 2015).',
    ])
      expect(text).toContain(part)
  })

  test('names no paper of what is at rest', () => {
    const keys = keysOf(
      documentOf({ block: ['relu-linear'], momentum: 0, nesterov: 'on', optimizer: 'adam' }),
    )
    expect(keys).toContain(TRAINING_PAPERS.kingma2015.key)
    for (const absent of ['nesterov1983method', 'goyal2017accurate', 'wu2021rethinking', 'ioffe2015batch'])
      expect(keys).not.toContain(absent)
    expect(keysOf(documentOf({ optimizer: 'sgd', momentum: 0 }))).not.toContain('sutskever2013importance')
  })

  test('of real targets has another loss and another error', () => {
    const text = textOf(documentOf({ data: 'friedman', labelSmoothing: 0.1 }))
    expect(text).toContain('They were trained on the mean squared error by')
    expect(text).toContain('1 real target, standardised')
    expect(text).toContain('unexplained, 1 − R²')
    expect(text).not.toContain('label smoothing')
  })

  test('that was stopped says where', () => {
    const stopped = entry({ kind: 'train', state: 'stopped', steps: { done: 120, planned: 300 } })
    const text = textOf(documentOf({}, { entry: stopped, result: { steps: 120, series: [] } }))
    expect(text).toMatch(/It was stopped at step 120 of 300\.$/)
    expect(text).not.toContain('Training ended')
  })
})

test('papers of the same authors and year are told apart', () => {
  const { paragraphs, references } = methodsOf([documentOf({ block: ['original', 'full-preactivation'] })])
  expect(references.filter(({ year }) => year === 2016).map(({ key }) => key)).toEqual([
    'he2016deep',
    'he2016identity',
  ])
  expect(paragraphs[0].text).toContain('“Original” (He et al., 2016a), lin BN ReLU lin BN, +, ReLU')
  expect(paragraphs[0].text).toContain('“Full pre-activation” (He et al., 2016b), BN ReLU lin BN ReLU lin, +')
})

test.each(RUN_KINDS)('a run of kind %s has a paragraph without gaps', (kind) => {
  const text = textOf(
    documentOf({}, { entry: entry({ kind }), result: { series: [{ block: 'relu-linear' }] } }),
  )
  expect(text).not.toMatch(/undefined|NaN|null|\(\)| {2}| \.|\.\./)
  expect(text).toMatch(/^We looked at .*\.$/)
})

test('lesions of trained networks say how these were trained; those of drawn ones do not', () => {
  const lesion = (intact: unknown) =>
    documentOf(
      {},
      { entry: entry({ kind: 'lesion' }), result: { series: [{ block: 'relu-linear', intact }] } },
    )
  expect(textOf(lesion({ loss: {} }))).toContain('They were trained on')
  expect(textOf(lesion(null))).not.toContain('They were trained on')
})

test('every remedy but none, and every preset block, has its paper', () => {
  for (const { name, sources, method } of REMEDIES) {
    expect([name, sources.length > 0]).toEqual([name, name !== 'none'])
    expect(method).toMatch(/^\S.*[^.]$/)
  }
  for (const { name } of PRESETS) expect(presetSources(`${name}-conv-1d`).length).toBeGreaterThan(0)
})

describe('BibTeX', () => {
  const all = [...Object.values(PAPERS), ...Object.values(TRAINING_PAPERS)]

  test('every paper is one entry, with balanced braces, in ASCII, under a key of its own', () => {
    const text = bibtexOf(all, ['0.1.0'])
    expect(text.match(/^@/gm)).toHaveLength(all.length + 1)
    expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
    for (const one of text.split('\n\n')) {
      expect(one.split('{').length).toBe(one.split('}').length)
      // eslint-disable-next-line no-control-regex
      expect(one).toMatch(/^[\x00-\x7f]*$/)
    }
    expect(text).toContain("J{\\'e}gou, Herv{\\'e}")
    expect(text).toContain('@misc{residuallab-0.1.0,')
  })

  test('every paper reads well in a list', () => {
    for (const one of all) expect(referenceText(one)).toMatch(/^[^{}$\\]+ \(\d{4}\)\. [^{}$\\]+\.$/)
    expect(referenceText(TRAINING_PAPERS.saad1995)).toBe(
      'Saad, David; Solla, Sara A. (1995). On-line Learning in Soft Committee Machines. Physical Review E 52(4), ' +
        '4225–4243.',
    )
  })

  test('a hostile version breaks out of no entry', () => {
    const text = bibtexOf([], ['1}\n@book{x, title={y}'])
    expect(text.match(/^@/gm)).toHaveLength(1)
  })
})

test('labels of papers', () => {
  const { label } = citations([PAPERS.de2020, PAPERS.zhang2019])
  expect([label(PAPERS.de2020), label(PAPERS.zhang2019)]).toEqual([
    'De and Smith, 2020',
    'Zhang et al., 2019',
  ])
})

test('the legend of a block names the signs that stand in it, and a graph has none', () => {
  const norm = textOf(documentOf({ block: ['full-preactivation'], compare: [] }, { entry: entry() }))
  expect(norm).toContain('(lin: linear layer, BN: batch normalisation, +: sum with the input).')
  const graph = {
    ...{ name: 'two', title: 'Two branches', description: '', output: 'all' },
    nodes: [
      { id: 'a', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'b', op: 'linear', inputs: ['input'], units: 1 },
      { id: 'both', op: 'multiply', inputs: ['a', 'b'] },
      { id: 'all', op: 'sum', inputs: ['input', 'both'] },
    ],
  } as never
  const own = textOf(documentOf({ block: [graph], compare: [] }, { entry: entry() }))
  expect(own).toContain('The block is “Two branches”, a graph of 4 operations. ')
  const mixed = textOf(documentOf({ block: [graph, 'original'], compare: [] }, { entry: entry() }))
  expect(mixed).toContain('The blocks are, chains in the order of their operations (lin: linear layer, BN')
})
