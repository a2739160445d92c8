import type { CliGroup } from '../command'
import { figureOf } from '../figure/of-command'
import { runsFigure } from '../figure/runs'
import { sweepFigureCommand } from '../figure/sweep'
import { theoryFigure } from '../figure/theory'
import { depth } from './depth'
import { lesion } from './lesion'
import { order } from './order'
import { paths } from './paths'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

/** Charts for a paper: of what a command measures, or of runs that are there. */
export const figure: CliGroup = {
  name: 'figure',
  description: 'Make a figure as SVG, PDF or PNG of what a command measures, or of runs.',
  commands: [
    ...[signal, shatter, train, depth, order, lesion, paths].map(figureOf),
    ...[theoryFigure, sweepFigureCommand, runsFigure],
  ],
}
