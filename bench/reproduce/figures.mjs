/**
 * The training figures that are reproduced, and how: errors in percent, as [lowest, highest] over the one or two seeds
 * that were trained in PyTorch. One entry is one call of the product's own `train`; its options are the command line's.
 */

/** Networks as the notebooks have them: blocks of width 100, and a ReLU before the last layer. */
const network = (name) => `bench/reproduce/${name}.json`

/** Points of error by which the mean over networks may lie outside: two standard errors of 1,000 test samples. */
export const TOLERANCE = 3

const BOOK = {
  title: 'The notebook’s network: two blocks of width 100, 100 epochs',
  source:
    'Setting of the notebooks of Understanding Deep Learning, chapter 11 (Prince 2023): 40-100-100-100-10.',
  options: {
    ...{ network: network('notebook'), batch: 100, epochs: 100, seeds: 5 },
    ...{ 'learning-rate': 0.05, momentum: 0.9, schedule: 'step', milestones: '.2,.4,.6,.8', decay: 0.5 },
  },
}

const DEEP = {
  title: 'Depth at the same learning rate: blocks of width 100, 40 epochs',
  source: 'One or two seeds each, trained in PyTorch.',
  options: {
    ...{ batch: 100, epochs: 40, seeds: 3 },
    ...{ 'learning-rate': 0.05, momentum: 0.9, schedule: 'step', milestones: '.5', decay: 0.5 },
  },
}

const IMAGES = {
  title: 'Images: ResNet-20 on Fashion-MNIST, two epochs',
  source:
    'One seed, trained in PyTorch by bench/reproduce/resnet20.py, on the code that `code` prints. He et al.’s ' +
    'networks learn for hundreds of epochs; two show whether the same is learned, not how far it goes.',
  options: {
    ...{
      network: 'resnet20-cifar',
      data: 'fashion-mnist',
      input: 'data-grid',
      batch: 128,
      epochs: 2,
      seeds: 1,
    },
    ...{ 'learning-rate': 0.1, momentum: 0.9, 'weight-decay': 0.0001 },
    ...{ schedule: 'step', milestones: '.5,.75', decay: 0.1 },
  },
}

/** A figure: the series' remedy, its name, and what is expected of it. */
const figure = (remedy, name, train, test) => ({ remedy, name, expected: { train, test } })
/** Numbers stop being finite within so many steps; there is no error to compare. */
const lost = (remedy, name, steps) => ({ remedy, name, expected: { lostWithin: steps } })

export const GROUPS = [
  {
    ...BOOK,
    id: 'notebook',
    trainings: [
      { id: 'plain', options: { skip: 'off' }, figures: [figure('none', 'plain', [0, 0], [33, 35])] },
      {
        id: 'residual',
        options: { remedies: 'none,batch-norm' },
        figures: [
          figure('none', 'residual', [0, 0], [30, 31]),
          figure('batch-norm', 'residual + batch norm', [0, 0], [31, 31]),
        ],
      },
    ],
  },
  {
    ...DEEP,
    id: 'depth',
    trainings: [
      {
        id: 'plain-20',
        options: { skip: 'off', network: network('depth-20') },
        figures: [figure('none', 'plain, 20 blocks', [31, 35], [51, 53])],
      },
      {
        id: 'residual-20',
        options: { remedies: 'none,rsqrt2,batch-norm,skipinit', network: network('depth-20') },
        figures: [
          lost('none', 'residual as it is, 20 blocks', 40),
          figure('rsqrt2', '1/√2, 20 blocks', [3.4, 5.8], [39, 40]),
          figure('batch-norm', 'batch norm, 20 blocks', [0.8, 0.8], [32, 32]),
          figure('skipinit', 'SkipInit, 20 blocks', [0, 0], [32, 34]),
        ],
      },
      {
        id: 'plain-50',
        options: { skip: 'off', network: network('depth-50') },
        figures: [figure('none', 'plain, 50 blocks', [89.7, 89.7], [91, 91])],
      },
      {
        id: 'residual-50',
        options: { remedies: 'rsqrt2,batch-norm,skipinit', network: network('depth-50') },
        figures: [
          figure('rsqrt2', '1/√2, 50 blocks', [19, 19], [45, 45]),
          figure('batch-norm', 'batch norm, 50 blocks', [30, 30], [44, 44]),
          figure('skipinit', 'SkipInit, 50 blocks', [0, 0], [32, 32]),
        ],
      },
    ],
  },
  {
    ...IMAGES,
    id: 'images',
    trainings: [
      { id: 'resnet20', options: {}, figures: [figure('none', 'ResNet-20', [7.7, 7.7], [8.6, 8.6])] },
    ],
  },
]

/** The arguments of the product's command line for one training. */
export const argumentsOf = (group, training) => [
  'train',
  ...Object.entries({ ...group.options, ...training.options }).flatMap(([option, value]) => [
    `--${option}`,
    String(value),
  ]),
]
