/** What came out of the trainings, held against what is expected, as a page of docs/. */
import { GROUPS, TOLERANCE, argumentsOf } from './figures.mjs'

/**
 * Every figure with the series that was trained for it.
 * @param documents by "group/training", as `train --json` prints them
 * @returns series and isWithin are null where nothing was trained
 */
export function outcomesOf(documents) {
  return GROUPS.flatMap((group) =>
    group.trainings.flatMap((training) =>
      training.figures.map((figure) => {
        const document = documents.get(`${group.id}/${training.id}`)
        const series = document?.series.find(({ remedy }) => remedy === figure.remedy) ?? null
        return { group, training, figure, series, isWithin: series && isWithin(figure.expected, series) }
      }),
    ),
  )
}

function isWithin({ lostWithin, ...errors }, { failure, final }) {
  if (lostWithin !== undefined) return failure !== null && failure.step < lostWithin
  return ['train', 'test'].every((samples) => {
    const [lowest, highest] = errors[samples]
    const mean = 100 * Number(final[samples].error.mean)
    return mean >= lowest - TOLERANCE && mean <= highest + TOLERANCE
  })
}

const number = (share) =>
  Number.isFinite(Number(share)) ? String(Number((100 * share).toPrecision(3))) : 'NaN'
const spread = ({ mean, low, high }) =>
  number(mean) === 'NaN' ? 'NaN' : `${number(mean)} (${number(low)} to ${number(high)})`
const range = ([lowest, highest]) => (lowest === highest ? String(lowest) : `${lowest} to ${highest}`)

const VERDICTS = new Map([
  [true, 'within'],
  [false, '**outside**'],
  [null, 'not run'],
])

function row({ figure, series, isWithin }) {
  const { train, test, lostWithin } = figure.expected
  const expected =
    lostWithin === undefined ? [range(train), range(test)] : [`NaN within ${lostWithin} steps`, 'NaN']
  return [figure.name, ...expected, ...cameOut(series), VERDICTS.get(isWithin)]
}

function cameOut(series) {
  if (!series) return ['–', '–']
  const { failure, final } = series
  const errors = ['train', 'test'].map((samples) => spread(final[samples].error))
  return failure ? [`${errors[0]}; not finite from step ${failure.step} on`, errors[1]] : errors
}

const table = (rows) => {
  const [head, ...rest] = rows.map((cells) => `| ${cells.join(' | ')} |`)
  return [head, `|${rows[0].map(() => '---').join('|')}|`, ...rest].join('\n')
}

const HEAD = ['network', 'train, expected', 'test, expected', 'train, here', 'test, here', 'tolerance']

function section(group, outcomes, documents) {
  const own = outcomes.filter((one) => one.group === group)
  const made = group.trainings.filter(({ id }) => documents.has(`${group.id}/${id}`))
  const commands = group.trainings.map((one) => `npx residual-lab ${argumentsOf(group, one).join(' ')}`)
  const devices = new Set(made.map(({ id }) => documents.get(`${group.id}/${id}`).device.description))
  return [
    `## ${group.title}`,
    `${group.source} ${group.options.seeds === 1 ? 'One network' : `${group.options.seeds} networks of each`} here.`,
    ...(devices.size ? [`Trained on: ${[...devices].join('; ')}.`] : []),
    table([HEAD, ...own.map(row)]),
    ...(own.some(({ series }) => series)
      ? [`![Errors over training](reproduction-${group.id}.svg)`]
      : ['None of these was trained.']),
    ['```', ...commands, '```'].join('\n'),
  ]
}

/** What an earlier page says of a group; null: it does not. */
function sectionIn(page, { title }) {
  const from = page.indexOf(`## ${title}\n`)
  if (from < 0) return null
  const to = page.indexOf('\n## ', from)
  return page.slice(from, to < 0 ? undefined : to).trim()
}

/**
 * The whole page.
 * @param earlier the page as it was: a group of which nothing is made keeps what it says there
 */
export function report(outcomes, documents, earlier = '') {
  const sections = GROUPS.map((group) => {
    const isMade = group.trainings.some(({ id }) => documents.has(`${group.id}/${id}`))
    const kept = isMade ? null : sectionIn(earlier, group)
    return kept ?? section(group, outcomes, documents).join('\n\n')
  })
  const rows = sections.flatMap((text) => text.split('\n'))
  const [within, outside] = [true, false].map(
    (verdict) => rows.filter((line) => line.endsWith(`| ${VERDICTS.get(verdict)} |`)).length,
  )
  const paragraphs = [
    '# Training figures, reproduced',
    'Errors in percent, of networks trained by the product’s own engine: mean over networks, in brackets 5th to ' +
      '95th percentile. Of MNIST-1D on all 4,000 training samples and all 1,000 others, of images on the first 1,000 ' +
      'and the first 2,000 of the test. ' +
      '`npm run reproduce` trains what is missing and writes this page.',
    `Within the tolerance: the mean lies at most ${TOLERANCE} points outside the expected range, in training and in ` +
      'test error alike; what is to diverge stops being finite within the steps named. The expected ranges come ' +
      'from one or two networks each: where the brackets are wide, one network says little.',
    `**${within + outside} of ${outcomes.length} figures were run; ${within} of these lie within the tolerance.**`,
    ...sections,
    '## What differs from the originals',
    'Weights are drawn from a normal distribution of He’s variance; the notebooks draw them from a uniform one of ' +
      'the same variance. The networks on MNIST-1D are the notebooks’: a linear layer to 100 units, blocks of a ' +
      'ReLU and a linear layer, a ReLU, and a linear layer to ten classes. PyTorch evaluates ResNet-20 with its ' +
      'running statistics, the lab with those over the training samples.',
    '## Not run',
    'He et al. (2015) on CIFAR-10 (8.75, 7.51, 7.17, 6.97, 6.43 and 7.93 % at 20, 32, 44, 56, 110 and 1,202 layers) ' +
      'and He et al. (2016) on orderings: each of their trainings of 64,000 steps takes hours to days on two ' +
      'cores. The Depth view has the first as a preset; the numbers of parameters of those networks, and that ' +
      'ResNet-20 learns Fashion-MNIST, are tested.',
  ]
  return `${paragraphs.join('\n\n')}\n`
}
