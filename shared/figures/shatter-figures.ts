import type { Cell } from '../base/csv'
import type { LineSeries } from '../charts/line-chart'
import type { Multiple } from '../charts/line-picture'
import { fieldsOf, numbersIn, seriesIn } from '../runs/curves'
import { defaultShatter } from '../settings/shatter'
import { NOISE_KINDS, noiseLines } from '../shatter/noises'
import type { Figure } from './figure'
import { breaksContent, dataOfPictures, picturesContent, type Breaks } from './multiples'
import { belongingOf, type RunParts } from './parts'

/** What a run kept of noise; none where it is not understood. */
export function noiseSeries(result: unknown): LineSeries[] {
  const references = fieldsOf(fieldsOf(result).references)
  const [white, brown] = NOISE_KINDS.map((kind) => numbersIn(fieldsOf(references[kind]).mean))
  return white && brown ? noiseLines({ white: { mean: white }, brown: { mean: brown } }) : []
}

/** y and dy/dx of each network along the line, in a picture of its own; none where the run holds no curves. */
export function gradientFigures(parts: RunParts): Figure[] {
  const { run, names, looks } = parts
  const x = numbersIn(fieldsOf(run.result).x)
  const pictures = seriesIn(run.result).flatMap((series, i): Multiple[] => {
    const { y, slope } = fieldsOf(series.curve)
    const [values, slopes] = [numbersIn(y), numbersIn(slope)]
    if (!x || values?.length !== x.length || slopes?.length !== x.length) return []
    const { colour } = looks[i]
    return [{ name: names[i], colour, x, y: values, slope: slopes, labels: ['y', 'dy/dx'] }]
  })
  if (!pictures.length) return []
  return [
    {
      id: 'gradients',
      title: 'Networks of one input along a line',
      subtitle:
        'Output y above its derivative dy/dx at every point x of the line, of the first network of each series; ' +
        'each picture has its own scale, from its least to its largest value.',
      finding: '',
      content: picturesContent(pictures),
      ...belongingOf(parts),
      data: dataOfPictures(pictures),
    },
  ]
}

/** Where ReLUs switch along the line, block by block, in the first network of each series; none where none does. */
export function breakFigures(parts: RunParts): Figure[] {
  const { run, names, looks } = parts
  const { range } = run.experiment.shatter ?? defaultShatter()
  const sides = seriesIn(run.result).flatMap(({ breaks }, i): Breaks[] => {
    if (!Array.isArray(breaks)) return []
    const blocks = breaks.map((own) => Float64Array.from(numbersIn(own) ?? []))
    return [{ title: names[i], breaks: blocks, colour: looks[i].colour, depth: blocks.length, range }]
  })
  if (!sides.some(({ breaks }) => breaks.some(({ length }) => length))) return []
  return [
    {
      id: 'breaks',
      title: 'Where ReLUs switch along a line of inputs',
      subtitle:
        'Each tick is an input x at which a ReLU switches between on and off, in the first network; a row for ' +
        'each block, the first on top; many in one place are darker.',
      finding: '',
      content: breaksContent(sides),
      ...belongingOf(parts),
      data: {
        header: ['name', 'block', 'x'],
        rows: sides.flatMap(({ title, breaks }) =>
          breaks.flatMap((own, k) => [...own].map((x): Cell[] => [title, k + 1, x])),
        ),
      },
    },
  ]
}
