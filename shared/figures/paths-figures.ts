import type { Cell } from '../base/csv'
import { NEUTRAL, type Appearance } from '../charts/appearance'
import { drawBarChart, type Bar } from '../charts/bar-chart'
import { logRangeOf, type LineSeries } from '../charts/line-chart'
import { energyFinding, outputsFinding, squaresFinding } from '../paths/findings'
import { energyOfOne, lengthRows, type LengthRow } from '../paths/lengths'
import type { MeasuredPaths, PathTerm, PathTheory } from '../paths/results'
import { fieldsOf, seriesIn } from '../runs/curves'
import { THEORY } from './content'
import type { DrawnContent, Fact, Figure, FigureContent } from './figure'
import type { RunParts } from './parts'
import { MOST_UNRAVELLED, unravelledContent } from './unravelled'

/** The paths of one series, as they were measured. */
export interface MeasuredSeries {
  name: string
  look: Appearance
  blocks: number
  measured: MeasuredPaths
  theory: PathTheory | null
  /** Of a trained network, the same before training. */
  initial?: MeasuredPaths | null
}

interface Common {
  facts: readonly Fact[]
  made: string | null
  version: string
  /** "n = 20 networks", "one network, 32 test samples". */
  networks: string
}

export const networksText = (n: number): string => (n === 1 ? 'one network' : `n = ${n} networks`)

/** Paths by length, in numbers and in energy, and term by term where all are listed. */
export function pathFigures(all: readonly MeasuredSeries[], { networks, ...common }: Common): Figure[] {
  const rows = all.map(({ blocks, measured, theory }) => lengthRows(blocks, measured, theory))
  const [first] = all
  if (!first) return []
  const isSampled = all.some(({ measured }) => measured.sampled)
  const band = isSampled
    ? ', lines: two standard errors of the paths drawn'
    : hasBand(rows.flat())
      ? ', lines: 5–95 %'
      : ''
  const beside = first.initial ? 'ticks: at initialisation' : 'dashed: theory at infinite width'
  const finding = (one: MeasuredSeries) =>
    all.length > 1 || one.initial
      ? ''
      : `${energyFinding(one.blocks, sharesOf(one.measured), one.theory)} ${squaresFinding(one.measured)}`
  const outputs = ({ measured, blocks, initial }: MeasuredSeries) =>
    all.length > 1 || !measured.outputDifference
      ? ''
      : outputsFinding(measured, blocks, networks, initial ?? null)
  const counts: Figure = {
    id: 'counts',
    title: 'Paths by length',
    subtitle: 'The number of paths through so many branches, over all paths: Binomial(L, ½).',
    finding: '',
    content: bars(
      rows[0].map(({ length, countShare }) => ({ label: String(length), value: countShare })),
      {
        ...{ xLabel: LENGTH, yLabel: 'share of all paths', colour: NEUTRAL, hasTheory: false },
      },
    ),
    ...common,
    data: {
      header: ['length', 'paths', 'share'],
      rows: rows[0].map((one) => [one.length, String(one.count), one.countShare]),
    },
  }
  const share: Figure = {
    id: 'share',
    title: 'Gradient energy by path length',
    subtitle:
      'Sum of the squared norms of the terms of ∂y/∂x whose paths have this length, over that of all terms; ' +
      `${networks}${band}; ${beside}.`,
    finding: finding(first),
    content: each(all, ({ look, initial, blocks }, i) => {
      const before = initial ? lengthRows(blocks, initial, null) : null
      return bars(
        rows[i].map((row, at) => ({
          ...row,
          label: String(row.length),
          value: row.share,
          before: before?.[at].share,
        })),
        {
          xLabel: LENGTH,
          yLabel: 'share of the energy',
          colour: look.colour,
          hasTheory: rows[i].some(({ theory }) => theory !== null),
        },
      )
    }),
    ...common,
    data: shareData(all, rows),
  }
  const energy = energyFigure(
    all,
    rows,
    `${networks}${band}; ${first.initial ? 'thin: at initialisation' : 'dashed: theory at infinite width'}`,
  )
  const terms = DERIVATIVES.flatMap((one) => termsFigure(all, one, networks) ?? [])
  return [
    share,
    ...(energy ? [{ ...energy, ...common }] : []),
    counts,
    ...terms.map((one) => ({ ...one, ...common })),
    ...(first.blocks <= MOST_UNRAVELLED && rows[0].length > 1
      ? [{ ...unravelledFigure(first.blocks), finding: outputs(first), ...common }]
      : []),
  ]
}

const LENGTH = 'branches on the path'

const hasBand = (all: readonly { low: number | null; high: number | null }[]): boolean =>
  all.some(({ low, high }) => low !== null && high !== null && high > low)

const sharesOf = ({ lengths, sampled }: MeasuredPaths) =>
  (sampled?.lengths ?? lengths ?? []).map(({ length, share }) => ({ length, share }))

function bars(
  own: readonly Bar[],
  { hasTheory, ...labels }: { xLabel: string; yLabel: string; colour: string; hasTheory: boolean },
): DrawnContent {
  return {
    kind: 'drawn',
    legend: hasTheory ? [THEORY] : [],
    draw: (ctx, size, palette, colour) =>
      drawBarChart(ctx, size, { ...labels, bars: own, colour: colour(labels.colour) }, palette),
  }
}

/** One picture, or one for each series under its name. */
function each<S extends MeasuredSeries>(
  all: readonly S[],
  content: (one: S, i: number) => DrawnContent,
): FigureContent {
  if (all.length === 1) return content(all[0], 0)
  return { kind: 'panels', panels: all.map((one, i) => ({ title: one.name, content: content(one, i) })) }
}

function shareData(all: readonly MeasuredSeries[], rows: readonly LengthRow[][]): Figure['data'] {
  return {
    header: ['name', 'length', 'paths', 'share', 'low', 'high', 'theory', 'share of paths'],
    rows: rows.flatMap((own, i) =>
      own.map((row): Cell[] => [
        ...[all[i].name, row.length, String(row.count), row.share, row.low, row.high],
        ...[row.theory, row.countShare],
      ]),
    ),
  }
}

type Unfinished = Omit<Figure, keyof Omit<Common, 'networks'>>

/** The energy of one path over the mean of all, on a logarithmic axis. */
function energyFigure(
  all: readonly MeasuredSeries[],
  rows: readonly LengthRow[][],
  how: string,
): Unfinished | null {
  const data: Cell[][] = []
  const series = all.flatMap(({ name, look, blocks, initial }, i): LineSeries[] => {
    const own = rows[i].map((row) => ({ length: row.length, ...energyOfOne(row) }))
    own.forEach(({ length, value, low, high, theory }) => data.push([name, length, value, low, high, theory]))
    const positive = (values: readonly { x: number; y: number | null }[]) =>
      values.flatMap(({ x, y }) => (y !== null && y > 0 ? [{ x, y }] : []))
    const points = own.flatMap(({ length: x, value: y, low, high }) =>
      y !== null && y > 0 ? [{ x, y, ...(low && high ? { low, high } : {}) }] : [],
    )
    const theory = positive(own.map(({ length, theory: y }) => ({ x: length, y })))
    const before = initial
      ? positive(
          lengthRows(blocks, initial, null).map((row) => ({ x: row.length, y: energyOfOne(row).value })),
        )
      : []
    return [
      ...(theory.length
        ? [{ id: `${i} theory`, label: `${name}, theory`, appearance: look, dashed: true, points: theory }]
        : []),
      ...(before.length
        ? [
            {
              id: `${i} before`,
              label: `${name}, at initialisation`,
              appearance: { ...look, colour: NEUTRAL },
              thin: true,
              points: before,
            },
          ]
        : []),
      { id: String(i), label: name, appearance: look, bars: true, pointsOnly: true, points },
    ]
  })
  if (!series.some(({ points, pointsOnly }) => pointsOnly && points.length)) return null
  const last = Math.max(1, ...series.flatMap(({ points }) => points.map(({ x }) => x)))
  return {
    id: 'energy',
    title: 'Energy of one path by length',
    subtitle: `The mean squared norm of a path’s term of ∂y/∂x over that of all paths; ${how}.`,
    finding: '',
    content: {
      kind: 'lines',
      model: {
        ...{ series, xLabel: LENGTH, yLabel: 'energy of one path', isLog: true, y: logRangeOf(series) },
        x: { min: -0.5, max: last + 0.5 },
      },
    },
    data: { header: ['name', 'length', 'energy', 'low', 'high', 'theory'], rows: data },
  }
}

/** Beyond so many terms, bars are no more told apart. */
const MOST_TERMS = 128

/** Whose terms, and what is said of them. */
interface Derivative {
  id: string
  of: string
  terms(measured: MeasuredPaths): PathTerm[] | null
  /** What the path past all branches is. */
  past: string
}

const DERIVATIVES: readonly Derivative[] = [
  { id: 'terms', of: '∂y/∂x', terms: ({ terms }) => terms, past: 'none' },
  {
    ...{ id: 'first-terms', of: '∂y/∂f₁', past: 'none after block 1' },
    terms: ({ firstDerivative }) => firstDerivative?.terms ?? null,
  },
]

function termsFigure(
  all: readonly MeasuredSeries[],
  { id, of, terms: termsOf, past }: Derivative,
  networks: string,
): Unfinished | null {
  const listed = all.flatMap((one) => {
    const terms = termsOf(one.measured)
    return terms && terms.length <= MOST_TERMS ? [{ ...one, terms }] : []
  })
  if (listed.length < all.length) return null
  const lines = hasBand(listed.flatMap(({ terms }) => terms.map(({ norm }) => norm))) ? '; lines: 5–95 %' : ''
  return {
    id,
    title: `Norm of each term of ${of}`,
    subtitle:
      'Frobenius norms, shorter paths first; below, the blocks whose branch the path goes through ' +
      `(I: ${past}); ${networks}${lines}.`,
    finding: '',
    content: each(listed, ({ look, terms, initial }) => {
      const norms = initial ? (termsOf(initial) ?? []) : []
      const before = new Map(norms.map(({ blocks, norm }) => [nameOf(blocks), norm.mean]))
      const sorted = [...terms].sort((a, b) => a.length - b.length)
      return bars(
        sorted.map(({ blocks, norm: { mean, low, high } }) => ({
          ...{ label: nameOf(blocks), value: mean, low, high, before: before.get(nameOf(blocks)) },
        })),
        { xLabel: 'term', yLabel: 'norm', colour: look.colour, hasTheory: false },
      )
    }),
    data: {
      header: ['name', 'term', 'length', 'norm', 'low', 'high'],
      rows: listed.flatMap(({ name, terms }) =>
        terms.map(({ blocks, length, norm: { mean, low, high } }): Cell[] => [
          ...[name, nameOf(blocks), length, mean, low, high],
        ]),
      ),
    },
  }
}

const unravelledFigure = (blocks: number): Unfinished => ({
  id: 'unravelled',
  title: `${blocks} residual blocks as ${2 ** blocks} paths`,
  subtitle:
    'The same network, every path on its own (Veit et al. 2016): each row is a path from x to y, and where rows meet ' +
    'they are added. A block is drawn once for every sum that goes into it; above, how often it is used.',
  finding: '',
  content: unravelledContent(blocks),
  data: null,
})

/** "1·3", of the blocks on the way; "I" for the path past all of them. */
const nameOf = (blocks: readonly number[]): string => blocks.join('·') || 'I'

/** The measured series of a run of paths. */
export function seriesOfRun({ run, names, looks }: RunParts): MeasuredSeries[] {
  const { experiment, started, result } = run
  // What the page asks has blocks of its own.
  const asked = fieldsOf(fieldsOf(fieldsOf(started).request).experiment).blocks
  const blocks = typeof asked === 'number' ? asked : experiment.blocks
  return seriesIn(result).flatMap((one, i): MeasuredSeries[] => {
    const measured = one.measured as MeasuredPaths | null | undefined
    if (!measured?.lengths && !measured?.sampled) return []
    const theory = (one.theory ?? null) as PathTheory | null
    return [{ name: names[i], look: looks[i], blocks, measured, theory: theory?.energyShare ? theory : null }]
  })
}
