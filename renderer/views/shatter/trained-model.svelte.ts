import { messageOf } from '../../../shared/base/errors'
import { formatDuration } from '../../../shared/base/format'
import { describedData } from '../../../shared/data/data-sets'
import { isRegression } from '../../../shared/data/description'
import { parseShatter, type ShatterSettings } from '../../../shared/settings/shatter'
import { trainedCommand } from '../../../shared/shatter/command'
import { LAST_STEP, largestStep, parseLookedSteps } from '../../../shared/shatter/steps'
import { parseSampleLine, trainedShatter, type SampleLine } from '../../../shared/shatter/trained'
import type { Lab } from '../../state/lab.svelte'
import { ShatterRun, type TrainedLine } from '../../state/shatter-run.svelte'
import type { KeptLine } from '../../state/view-settings.svelte'

/** The last step, the first and the last, or a list of the user's own. */
export type StepsChoice = 'last' | '0,last' | 'list'

/** The run whose trained networks the Shatter view looks at, if it is one, and what the view says of them. */
export class TrainedModel {
  /** Why the run that was chosen last cannot be looked at. */
  problem = $state<string | null>(null)
  #wanted: string | null = null

  constructor(private readonly lab: Lab) {}

  readonly #run = $derived.by(() => this.lab.stateOf(ShatterRun))
  /** Null: networks are drawn, as the experiment says. */
  readonly chosen = $derived(this.#run.trained)
  /** Trainings that may have networks: one that has not yet begun says so when it is measured. */
  readonly choices = $derived.by(() => {
    const trained = this.lab.runs.kept.filter(({ kind, state }) => kind === 'train' && state !== 'running')
    const chosen = this.lab.runs.find(this.chosen?.run)
    return chosen && !trained.includes(chosen) ? [chosen, ...trained] : trained
  })

  /** What the workspace remembers, until it is looked at, or cannot be. */
  readonly #kept = $derived.by(() => {
    const { shatterRun } = this.lab.view.document
    return shatterRun && shatterRun.run !== this.chosen?.run && this.problem === null ? shatterRun : null
  })
  readonly isComing = $derived(this.#kept !== null)

  /** The run that the workspace remembers, as it was looked at; to be called whenever it may have become another. */
  restore(): void {
    const kept = this.#kept
    if (kept && this.lab.link === 'open' && kept.run !== this.#wanted) void this.#open(kept)
  }

  /** @param run its id; null: drawn networks */
  async choose(run: string | null): Promise<void> {
    // Which steps are looked at is a question that stays, whatever run it is put to.
    const steps = [...(this.chosen?.steps ?? LAST_STEP)]
    if (run !== null) return this.#open({ run, line: {}, settings: { ...trainedShatter() }, steps })
    this.#wanted = this.problem = null
    this.#look(null)
  }

  async #open({ run, line, settings, steps }: KeptLine): Promise<void> {
    this.#wanted = run
    this.problem = null
    try {
      const { experiment } = await this.lab.runs.open(run)
      if (this.#wanted !== run) return
      const parsed = parseShatter(settings)
      this.#look({
        ...{ run, experiment, settings: parsed },
        line: parseSampleLine(line, experiment, parsed),
        steps: parseLookedSteps(steps ?? [...LAST_STEP]),
      })
    } catch (error) {
      if (this.#wanted === run) this.problem = messageOf(error)
    }
  }

  #look(trained: TrainedLine | null): void {
    this.#run.look(trained)
    const kept = trained && {
      run: trained.run,
      line: { ...trained.line },
      settings: { ...trained.settings },
      steps: [...trained.steps],
    }
    this.lab.view.set('shatterRun', kept)
  }

  /** @param steps a list, or a text with commas between them @throws InputError where they are none */
  lookAt(steps: unknown): void {
    if (this.chosen) this.#look({ ...this.chosen, steps: parseLookedSteps(steps) })
  }

  /** @throws InputError where the value is none */
  set(changes: { [K in keyof (SampleLine & ShatterSettings)]?: unknown }): void {
    const { chosen } = this
    if (!chosen) return
    const { from, to, ...settings } = { ...chosen.line, ...chosen.settings, ...changes }
    const parsed = parseShatter(settings)
    const line = parseSampleLine({ from, to }, chosen.experiment, parsed)
    this.#look({ ...chosen, line, settings: parsed })
  }

  // ---- Steps -----------------------------------------------------------------------------------------------------

  readonly #entry = $derived.by(() => this.lab.runs.find(this.chosen?.run))
  /** Updates that the run's networks have had; null where that is not known. */
  readonly done = $derived(this.#entry?.steps?.done ?? null)
  /** Which of the buttons says what is looked at. */
  readonly stepsChoice = $derived.by((): StepsChoice => {
    const steps = this.chosen?.steps.join()
    return steps === 'last' || steps === '0,last' ? steps : 'list'
  })

  chooseSteps(choice: StepsChoice): void {
    if (choice !== 'list') return this.lookAt(choice)
    const half = Math.floor((this.done ?? 0) / 2)
    this.lookAt(half > 0 ? [0, half, 'last'] : [0, 'last'])
  }

  /** What looking at these steps takes, beside measuring; empty where all are in the checkpoint. */
  readonly replay = $derived.by(() => {
    const again = (this.chosen?.steps ?? []).filter((step) => step !== 'last' && step !== this.done)
    if (!again.length) return ''
    const most = largestStep(again)
    const entry = this.#entry
    const took =
      most === 0 || !entry?.steps
        ? ''
        : ` The run took ${formatDuration(entry.seconds)} for ${entry.steps.done} updates.`
    const what =
      most === 0 ? 'Drawn again from the run’s seed.' : `Trained again up to step ${most}, exactly.`
    return `${what}${took}`
  })

  // ---- Words --------------------------------------------------------------------------------------------------------

  readonly data = $derived(this.chosen && describedData(this.chosen.experiment))
  readonly name = $derived.by(() => this.lab.runs.find(this.chosen?.run)?.name ?? this.chosen?.run ?? '')
  /** What the picture says of itself; null where it is of no trained networks. */
  readonly words = $derived.by(() => {
    const drawn = this.#run.drawn ?? this.chosen
    if (!drawn) return null
    const { from, to } = drawn.line
    const y = isRegression(this.data!)
      ? 'the first output'
      : `the logit (the output before the softmax) of the class of test sample ${from}`
    return {
      where: `from test sample ${from} to ${to} of ${this.data!.title}`,
      definition:
        `y is ${y}, at x = 0 for test sample ${from}, at x = 1 for test sample ${to}, and between them for the first ` +
        'plus x times their difference, as networks take them; dy/dx is its exact derivative. Each picture has its ' +
        'own scale; all share the x axis.',
      explanation:
        `Trained networks of ${this.name}, as in evaluation: noise is its mean, batch statistics are held constant. ` +
        `y is ${y}.`,
    }
  })
  /** Why there are no linear regions of them. */
  readonly refusal = $derived(
    this.chosen &&
      `Linear regions are counted in networks of one input; those of ${this.name} have more. ` +
        'Choose “At initialisation” under Networks.',
  )
  readonly command = $derived(
    this.chosen && trainedCommand(this.chosen.run, this.chosen.line, this.chosen.settings, this.chosen.steps),
  )
}
