import { describedData } from '../data/data-sets'
import { evaluatedSamples } from '../network/schedule'
import type { Experiment } from '../settings/experiment'
import { withLabels } from './experiment'

/** What networks are evaluated on: "all samples", "the first 4,000 training and 10,000 test samples". */
export function evaluatedText(experiment: Experiment): string {
  const { training, test } = describedData(experiment)
  const own = evaluatedSamples(withLabels(experiment))
  if (own.training === training && own.test === test) return 'all samples'
  const [first, second] = [own.training, own.test].map((count) => count.toLocaleString('en'))
  return `the first ${first} training and ${second} test samples`
}
