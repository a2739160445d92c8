import type { Experiment } from '../../../shared/settings/experiment'
import type { CliCommand, OptionTexts } from './command'
import { withTrainer, type RunJob } from './job'
import { keepFromOptions, type Keep } from './keep'
import { print, printDocument } from './output'

/** What a command measured or trained, and how it says so. */
interface Done {
  /** The id that it is kept under; null: it is not. */
  run: string | null
  /** What `--json` prints, without its version. */
  document: () => object
  text: () => string
  /** What else is to be said of how it was computed, in sentences, for standard error. */
  remarks?: () => string[]
}

/** What options ask for, checked before anything is computed. */
export interface Asked {
  experiment: Experiment
  /** All else that the result depends on. */
  beside: object
  /** @throws InputError, RefusedInput, Stopped */
  carryOut(keep: Keep, job: RunJob): Promise<Done>
}

/** A command whose result is a run. */
export interface RunCommand extends CliCommand {
  /** @throws InputError */
  ask(options: OptionTexts): Asked
}

/** A command from what it asks for: it carries that out and prints it. */
export const runCommand = (command: Omit<RunCommand, 'run'>): RunCommand => ({
  ...command,
  async run(options) {
    const keep = keepFromOptions(options)
    const asked = command.ask(options)
    const { document, text, remarks = () => [] } = await withTrainer((job) => asked.carryOut(keep, job))
    for (const remark of remarks()) process.stderr.write(`${remark}\n`)
    if (options.json === true) printDocument(document())
    else print(text())
  },
})
