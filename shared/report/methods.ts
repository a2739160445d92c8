/** What was done in a run, as a methods section says it, and the papers that it names. */
import { formatDuration } from '../base/format'
import { PAPERS } from '../base/papers'
import type { Reference } from '../base/reference'
import { fieldsOf, seriesIn } from '../runs/curves'
import { isTrainingKind, type RunDocument } from '../runs/run'
import { networksOf } from '../runs/summary'
import type { Experiment } from '../settings/experiment'
import { citations, unique, type Cite } from './citations'
import { networkSentences } from './networks'
import { dataSources, trainingSentences } from './training'

export interface Methods {
  /** One for each run, in their order. */
  paragraphs: { run: string; text: string }[]
  /** All that the paragraphs name, each once, in the order in which they do. */
  references: Reference[]
  /** Of the program, each once. */
  versions: string[]
}

/** A paragraph for each run in plain scientific English, out of its experiment, result and environment alone. */
export function methodsOf(documents: readonly RunDocument[]): Methods {
  // What is named decides how it is cited: two papers of one year get letters.
  const named: Reference[] = []
  const note: Cite = (some) => {
    named.push(...some)
    return ''
  }
  for (const document of documents) paragraphOf(document, note)
  const references = unique(named)
  const { cite } = citations(references)
  return {
    paragraphs: documents.map((document) => ({ run: document.entry.id, text: paragraphOf(document, cite) })),
    references,
    versions: [...new Set(documents.map(({ entry }) => entry.version))],
  }
}

function paragraphOf(document: RunDocument, cite: Cite): string {
  return [
    ...networkSentences(document, cite),
    ...(wereTrained(document) ? trainingSentences(document, cite) : [inputSentence(document, cite)]),
    ...measuredSentences(document, cite),
    replicaSentence(document),
    deviceSentence(document, cite),
  ]
    .filter(Boolean)
    .join(' ')
}

/** Also those that lesions and orderings were tried on. */
function wereTrained({ entry, result }: RunDocument): boolean {
  if (isTrainingKind(entry.kind)) return true
  return seriesIn(result).some(({ intact, evaluations }) => (intact ?? evaluations ?? null) !== null)
}

const NOISE: Partial<Record<Experiment['input'], string>> = {
  normal: 'independent standard normal values',
  images: 'independent standard normal values of 3 channels on 32 × 32 positions',
}

function inputSentence({ entry, experiment, result }: RunDocument, cite: Cite): string {
  if (entry.kind === 'shatter' || entry.kind === 'regions') return lineSentence(result)
  const { input, stem, batch, data } = experiment
  const set = input === 'data' || input === 'data-grid' ? data : 'mnist1d'
  const what = NOISE[input] ?? `samples of the data set ${set}${cite(dataSources({ data: set }))}`
  const from =
    stem === 'linear' ? ', which a linear layer with He’s initialisation takes to the first block' : ''
  return `Inputs were a batch of ${batch} samples: ${what}${from}.`
}

function lineSentence(result: unknown): string {
  const { x } = fieldsOf(result)
  if (!Array.isArray(x) || !x.length) return 'The input was one number, gone through along a line.'
  const [first, last] = [x[0] as number, x[x.length - 1] as number]
  return `The input was one number, at ${x.length} points from ${first} to ${last}.`
}

function measuredSentences({ entry, result }: RunDocument, cite: Cite): string[] {
  const signal =
    'Behind every block k we measured the mean square q_k, the variance over the batch v_k and the mean m_k of the ' +
    'activations, and the mean square p_k of the gradient with respect to them, of an independent standard normal ' +
    'gradient for every sample and unit at the top, over its value there.'
  switch (entry.kind) {
    case 'signal':
    case 'order':
      return [signal]
    case 'shatter':
      return [
        `We measured the derivative dy/dx of the output along this line and its autocorrelation over lags, of the ` +
          `derivative less its mean, over its value at lag 0${cite([PAPERS.balduzzi2017])}.`,
      ]
    case 'regions':
      return ['We counted the linear regions of the line after each block.']
    case 'lesion':
      return [
        `Blocks of the networks were then deleted or exchanged${cite([PAPERS.veit2016])}, and the outputs held ` +
          `against ` +
          'those of the intact network by their cosine, averaged over samples.',
      ]
    case 'paths':
      return [
        'The derivative of the output with respect to the input was taken apart into the terms of its paths, by ' +
          `how many ` +
          `branches they take${cite([PAPERS.veit2016])}, in float64.`,
      ]
    case 'depth':
      return fieldsOf(result).series ? ['Networks of all depths have the same seeds.'] : []
    case 'train':
      return []
  }
}

function replicaSentence({ entry, experiment }: RunDocument): string {
  const n = networksOf(entry.kind, experiment)
  const { seed } = experiment
  if (n === 1) return `Each curve is one network (n = 1, seed ${seed}).`
  return (
    `Each curve is over n = ${n} networks that differ in their random numbers alone (seed ${seed}); curves share ` +
    `initial ` +
    'weights where their parameters coincide, so that comparisons are paired. Lines are arithmetic means over the ' +
    'networks, bands reach from the 5th to the 95th percentile.'
  )
}

function deviceSentence({ entry, environment }: RunDocument, cite: Cite): string {
  const { version, seconds, state, steps } = entry
  const device = environment?.device ?? entry.device
  const isTensorFlow = Boolean(environment?.tensorflow)
  const isPage = environment?.backend === 'float64'
  const sources = isTensorFlow ? [PAPERS.abadi2016, PAPERS.smilkov2019] : [PAPERS.smilkov2019]
  const by = isPage ? 'in float64' : `in float32 on ${device}${cite(sources)}`
  const system = environment ? ` under ${environment.os}` : ''
  const ended =
    state === 'finished'
      ? ''
      : ` It was ${state}${steps ? ` at step ${steps.done} of ${steps.planned}` : ''}.`
  return `Residual Lab ${version} computed this ${by}${system}, in ${formatDuration(seconds)}.${ended}`
}
