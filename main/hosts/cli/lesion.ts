import type { Command } from 'commander'
import { InputError } from '../../../shared/base/errors'
import { formatNumber } from '../../../shared/base/format'
import { lesionSetText, lesionText, parseLesions } from '../../../shared/lesion/lesion'
import { nonFiniteAsText, type LesionResult } from '../../../shared/protocol/protocol'
import { checkMemory, signalMemory } from '../../trainer/engine/memory'
import { asDocument, runJob } from './job'
import { experimentFromOptions, numberOrText, type OptionTexts } from './options'

const VERSION = 1

/** The options that `lesion` has beside those of an experiment. */
export function withLesion(command: Command): Command {
  return command
    .option('--delete <k,…>', 'blocks that become the identity; they count from 1')
    .option('--duplicate <k,…>', 'blocks that run twice')
    .option('--permute <i,j>', 'two blocks that change places')
    .option('--each <delete|duplicate|exchange>', 'every block by itself (exchange: with the next)')
    .option('--random <draws>', 'random deletions: so many choices for each number of deleted blocks')
    .option('--train', 'train the networks first (training settings come from --experiment)')
    .option('--run <RUN>', 'a saved run’s trained network (not available yet)')
}

/** `lesion`: networks at initialisation with changed blocks, against themselves. @throws InputError */
export async function lesionCommand(options: OptionTexts): Promise<void> {
  if (options.run !== undefined) {
    throw new InputError(
      '--run',
      'there are no saved runs to take a trained network from yet',
      'Use --train to train the networks first.',
    )
  }
  const experiment = experimentFromOptions(options)
  const lesion = {
    delete: blockList(options.delete),
    duplicate: blockList(options.duplicate),
    permute: blockList(options.permute),
    each: options.each,
    random: typeof options.random === 'string' ? numberOrText(options.random) : undefined,
  }
  const set = parseLesions(lesion, experiment.blocks, experiment.seed)
  const training = options.train === true
  checkMemory(signalMemory(experiment))
  const body = { experiment: asDocument(experiment), lesion, training }
  const { device, result } = await runJob('lesion', body)
  if (options.json === true) {
    const series = result.series.map(({ block, remedy, note, outcomes, intact }) => {
      const header = { block, remedy, note, ...(training ? { intact } : {}) }
      return set.set === 'one' ? { ...header, ...outcomes[0] } : { ...header, outcomes }
    })
    const what = set.set === 'one' ? { lesion: set.lesion } : { lesions: result.lesions }
    const document = { version: VERSION, device, experiment, ...what, series }
    print(JSON.stringify(document, nonFiniteAsText, 2))
    return
  }
  const { blocks, width } = experiment
  const replicas = training ? experiment.trainReplicas : experiment.replicas
  print(
    `${device.description}; ${blocks} blocks, width ${width}, n = ${replicas}; ${lesionSetText(set)}${experiment.skip === 'off' ? '; without skip connections' : ''}`,
  )
  print(table(result, training).join('\n'))
}

/** Whole numbers as numbers; anything else stays text, so that the message shows what was written. */
function blockList(text: OptionTexts[string]): unknown[] | undefined {
  if (typeof text !== 'string') return undefined
  const parts = text.split(',').map((part) => part.trim())
  return parts.filter(Boolean).map((part) => (/^[+-]?\d+$/.test(part) ? Number(part) : part))
}

function table({ lesions, series }: LesionResult, training: boolean): string[] {
  const isOne = lesions.length === 1
  const rows = series.flatMap(({ block, remedy, outcomes }) =>
    outcomes.map(({ cosine, classified }, i) => [
      block,
      remedy,
      ...(isOne ? [] : [lesionText(lesions[i])]),
      ...[cosine.mean, cosine.low, cosine.high].map((x) => formatNumber(x)),
      ...(classified ? [formatNumber(classified.loss.mean), formatNumber(classified.accuracy.mean)] : []),
    ]),
  )
  const titles = ['cosine', '5 %', '95 %', ...(training ? ['loss', 'accuracy'] : [])]
  const all = [['block', 'remedy', ...(isOne ? [] : ['lesion']), ...titles], ...rows]
  const widths = all[0].map((_, i) => Math.max(...all.map((row) => row[i].length)))
  const lines = all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
  const notes = series.flatMap(({ block, remedy, note }) => (note ? [`${block} / ${remedy}: ${note}`] : []))
  const intact = series.flatMap(({ block, remedy, intact: whole }) =>
    whole
      ? [
          `${block} / ${remedy}: intact loss ${formatNumber(whole.loss.mean)}, accuracy ${formatNumber(whole.accuracy.mean)}`,
        ]
      : [],
  )
  const what = training ? 'the logits' : 'h_L'
  const samples = training ? 'the test samples' : 'the batch'
  return [
    ...lines,
    `cosine between ${what} of the intact and the changed network, per sample, averaged over ${samples}; mean, 5th and 95th percentile over replicas`,
    ...intact,
    ...notes,
  ]
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
