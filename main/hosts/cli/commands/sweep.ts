import type { CliCommand, CliGroup, CommandOption } from '../command'
import { openLibrary } from '../keep'
import { print, printDocument } from '../output'
import type { RunCommand } from '../run-command'
import { carryOutSweep, type SweptPoint } from '../sweep/carry-out'
import { planSweep, type SweepPlan } from '../sweep/plan'
import { sweepText } from '../sweep/text'
import { exportPoints, makePointsFolder } from '../sweep/transfer'
import { depth } from './depth'
import { lesion } from './lesion'
import { order } from './order'
import { paths } from './paths'
import { shatter } from './shatter'
import { signal } from './signal'
import { train } from './train'

const FAILED = 1

const OPTIONS: readonly CommandOption[] = [
  ['--shard <i/n>', 'do only the i-th of n parts, 1/16 to 16/16 for sixteen; the n of them are the whole'],
  [
    '--export <FOLDER>',
    'when all is done, write each point into this folder, for runs import on another machine',
  ],
  ['--name <NAME>', 'the sweep’s name, with which the names of its runs begin'],
]

/** Every point is kept, and has its name from the sweep. */
const isOwn = ([flags]: CommandOption) => !/^--(keep|no-keep|name)\b/.test(flags)

/** A command over all values of a setting or two. */
const over = (command: RunCommand): CliCommand => ({
  name: command.name,
  description: command.description,
  options: [...command.options.filter(isOwn), ...OPTIONS],
  async run(options) {
    const { export: folder, ...asked } = options
    const plan = planSweep(command, asked)
    if (typeof folder === 'string') makePointsFolder(folder)
    const points = await carryOutSweep(plan)
    if (typeof folder === 'string') await exportTo(folder, points)
    if (options.json === true) printDocument(documentOf(plan, points))
    else print(sweepText(plan, points))
    const failed = points.filter(({ run }) => run === null).length
    if (!failed) return 0
    process.stderr.write(
      `${failed} of ${points.length} points have no result; the same command does them again.\n`,
    )
    return FAILED
  },
})

async function exportTo(folder: string, points: readonly SweptPoint[]): Promise<void> {
  const library = openLibrary()
  await exportPoints(
    library,
    points.flatMap(({ run }) => run ?? []),
    folder,
  )
  await library.close()
}

function documentOf(
  { id, name, command, experiment, swept, size, shard }: SweepPlan,
  points: readonly SweptPoint[],
) {
  return {
    command,
    experiment,
    run: id,
    name,
    swept: swept.map(({ key, values }) => ({ setting: key, values })),
    size,
    shard,
    points: points.map(({ index, settings, run, problem }) => ({
      index,
      settings,
      run: run?.id ?? null,
      figures: run?.figures ?? [],
      problem,
    })),
  }
}

/** The commands whose result is a run, each over the values that one or two of its settings are given. */
export const sweep: CliGroup = {
  name: 'sweep',
  description:
    'Do a command for every value of a list or range that one or two of its number options are given.',
  commands: [signal, order, paths, lesion, shatter, train, depth].map(over),
}
