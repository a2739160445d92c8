/** How the networks of a run were trained, in sentences of a methods section. */
import { joinWords } from '../base/format'
import type { Reference } from '../base/reference'
import { TRAINING_PAPERS } from '../base/training-papers'
import { DATA_SETS, describedData } from '../data/data-sets'
import { isRegression } from '../data/description'
import { trainingExperiment } from '../experiment/experiment'
import { evaluatedSamples, evaluationInterval, trainingSteps } from '../network/schedule'
import { fieldsOf } from '../runs/curves'
import type { RunDocument } from '../runs/run'
import type { Experiment } from '../settings/experiment'
import type { Cite } from './citations'
import { hasBatchNorm, settingSources } from './networks'

/** Data, optimizer, schedule, batches, steps and evaluation. */
export function trainingSentences(document: RunDocument, cite: Cite): string[] {
  const experiment = trainingExperiment(document.experiment)
  return [
    dataSentence(document, experiment, cite),
    optimizerSentence(experiment, cite),
    ...regularisationSentences(experiment, cite),
    stepsSentence(document, experiment, cite),
    ...evaluationSentences(experiment, cite),
  ]
}

const count = (value: number) => value.toLocaleString('en')

/** The data set with its paper: " (Greydanus, 2020)". */
export const dataSources = ({ data }: Pick<Experiment, 'data'>): readonly Reference[] =>
  DATA_SETS.find(({ name }) => name === data)?.papers ?? []

function dataSentence({ environment }: RunDocument, experiment: Experiment, cite: Cite): string {
  const description = describedData(experiment)
  const { title, training, test, classes, targets, splitSeed } = description
  const learned = targets
    ? `${targets.length} real ${targets.length === 1 ? 'target' : 'targets'}, standardised`
    : `${classes} classes`
  const split = splitSeed === undefined ? '' : `, split with seed ${splitSeed}`
  const hash = environment?.data && `; SHA-256 of its values ${environment.data.sha256.slice(0, 16)}…`
  return (
    `The networks learned the data set ${title}${cite(dataSources(experiment))}: ${count(training)} samples to ` +
    `train on ` +
    `and ${count(test)} to test${split}, ${learned}${hash ?? ''}.`
  )
}

function optimizerSentence(experiment: Experiment, cite: Cite): string {
  const { optimizer, learningRate, momentum, nesterov, beta2, epsilon, batch } = experiment
  const isPlain = optimizer === 'sgd' && momentum === 0
  const sources = isPlain ? [] : settingSources(experiment, 'optimizer')
  const ahead =
    optimizer === 'sgd' && nesterov === 'on' && !isPlain
      ? ` in Nesterov’s form${cite(settingSources(experiment, 'nesterov'))}`
      : ''
  const details = {
    sgd: isPlain ? '' : `, momentum ${momentum}${ahead}`,
    adam: `, β₁ = ${momentum}, β₂ = ${beta2}, ε = ${epsilon}`,
    adamw: `, β₁ = ${momentum}, β₂ = ${beta2}, ε = ${epsilon}`,
    rmsprop: `, α = ${beta2}, ε = ${epsilon}, momentum ${momentum}`,
  }[optimizer]
  const names = { sgd: 'stochastic gradient descent', adam: 'Adam', adamw: 'AdamW', rmsprop: 'RMSProp' }
  const loss = isRegression(describedData(experiment)) ? 'the mean squared error' : 'the cross-entropy'
  return (
    `They were trained on ${loss} by ${names[optimizer]}${cite(sources)}${details}, with batches of ${batch} ` +
    `samples and a ` +
    `learning rate of ${learningRate}${scheduleWords(experiment, cite)}.`
  )
}

const percent = (share: number) => `${Number((100 * share).toPrecision(6))} %`

function scheduleWords(experiment: Experiment, cite: Cite): string {
  const { schedule, milestones, decay, warmup } = experiment
  const sources = cite(settingSources(experiment, 'schedule'))
  const words = {
    constant: '',
    step: milestones.length
      ? `, multiplied by ${decay} after ${joinWords(milestones.map(percent))} of the steps`
      : '',
    cosine: `, which followed half a cosine down to 0${sources}`,
    'one-cycle': `, in one cycle up and down${sources}`,
  }[schedule]
  const warm = warmup
    ? `, with a linear warm-up of ${warmup} steps${cite(settingSources(experiment, 'warmup'))}`
    : ''
  return words + warm
}

/** Whatever is not at rest. */
function regularisationSentences(experiment: Experiment, cite: Cite): string[] {
  const { weightDecay, clip, labelSmoothing } = experiment
  const { augmentShift, augmentCrop, augmentFlip, augmentNoise } = experiment
  const source = (key: Parameters<typeof settingSources>[1]) => cite(settingSources(experiment, key))
  const isSmoothed = labelSmoothing > 0 && !isRegression(describedData(experiment))
  const used = [
    ...(weightDecay ? [`weight decay of ${weightDecay} on every parameter`] : []),
    ...(clip ? [`each network’s gradient clipped to a norm of ${clip}${source('clip')}`] : []),
    ...(isSmoothed ? [`label smoothing of ${labelSmoothing}${source('labelSmoothing')}`] : []),
    ...(augmentShift ? [`samples shifted by up to ${augmentShift} positions${source('augmentShift')}`] : []),
    ...(augmentCrop ? [`crops out of a margin of ${augmentCrop} positions${source('augmentCrop')}`] : []),
    ...(augmentFlip === 'on' ? [`images mirrored with probability 1/2${source('augmentFlip')}`] : []),
    ...(augmentNoise
      ? [`noise of standard deviation ${augmentNoise} on inputs${source('augmentNoise')}`]
      : []),
  ]
  return used.length ? [`Training used ${joinWords(used)}.`] : []
}

function stepsSentence({ entry, result }: RunDocument, experiment: Experiment, cite: Cite): string {
  const { epochs, patience } = experiment
  const planned = trainingSteps(experiment)
  const { steps } = fieldsOf(result)
  const passes = epochs ? ` (${epochs} ${epochs === 1 ? 'epoch' : 'epochs'})` : ''
  const done = entry.kind === 'train' && typeof steps === 'number' ? steps : planned
  const early = patience
    ? `, or until the mean test loss had not fallen in ${patience} ` +
      `evaluations${cite(settingSources(experiment, 'patience'))}`
    : ''
  // Of one that was stopped, the last sentence says where.
  const actual =
    done < planned && entry.state === 'finished' ? ` Training ended after ${count(done)} steps.` : ''
  return `Training took ${count(planned)} steps${passes}${early}.${actual}`
}

function evaluationSentences(experiment: Experiment, cite: Cite): string[] {
  const isReal = isRegression(describedData(experiment))
  const { training, test } = evaluatedSamples(experiment)
  const loss = isReal ? 'mean squared error of the standardised targets' : 'cross-entropy in nats'
  const error = isReal
    ? 'share of the targets’ variance that is left unexplained, 1 − R²'
    : 'share of wrong answers'
  const interval = evaluationInterval({ ...experiment, steps: trainingSteps(experiment) })
  return [
    `Loss (${loss}) and error (${error}) were taken on ${count(training)} training and ${count(test)} test ` +
      `samples before ` +
      `the first step, every ${count(interval)} steps and after the last.`,
    ...(hasBatchNorm(experiment) ? [statisticsSentence(experiment, cite)] : []),
  ]
}

const statisticsSentence = ({ batchStatistics }: Experiment, cite: Cite): string =>
  batchStatistics === 'training'
    ? `There, batch normalisation used means and variances over the training samples${cite([TRAINING_PAPERS.wu2021])}.`
    : 'There, batch normalisation used means and variances of the evaluated samples.'
