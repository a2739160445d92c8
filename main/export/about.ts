import { version } from '../../package.json'
import { describedData } from '../../shared/data/data-sets'
import type { Scale } from '../../shared/data/description'
import { dataSetOf } from '../../shared/data/samples'
import { targetScale } from '../../shared/data/targets'
import type { ExportSettings } from '../../shared/export/forms'
import { isStandardised } from '../../shared/export/weights'
import { shapeText } from '../../shared/numerics/shape'
import type { RunEntry } from '../../shared/runs/run'
import type { ExportFormat } from './format'
import type { Proof } from './proof'
import type { ExportSource } from './source'

/** The facts of an export as one document. It has no date of its own: exports of one run are alike byte for byte. */
export function exportDocument(
  format: ExportFormat,
  source: ExportSource,
  { float16, fold, licence }: Pick<ExportSettings, 'float16' | 'fold' | 'licence'>,
) {
  const { document, series, replica, network } = source
  const { entry, experiment, environment } = document
  return {
    version: 1,
    format: format.name,
    network: network.title,
    batchNormsFolded: fold,
    numbers: float16 ? 'float16' : 'float32',
    licence,
    lab: version,
    run: runFields(entry),
    series,
    replica,
    experiment,
    environment,
    // What is taken off each value and what it is divided by, in turn: one for all, one a channel, or one a value.
    inputScale: scaleOf(source),
    // Of real targets the same; null: classes.
    targetScale: targetsOf(source),
  }
}

/** Of a training also how many updates its networks have had. */
const runFields = ({ id, name, kind, created, device, steps }: RunEntry) => ({
  ...{ id, name, kind, created, device },
  ...(steps ? { steps: steps.done } : {}),
})

function targetsOf({ network: { outputName, experiment } }: ExportSource) {
  return outputName === 'predictions' ? listed(targetScale(dataSetOf(experiment))) : null
}

const listed = ({ mean, deviation }: Scale) => ({ mean: [...mean], deviation: [...deviation] })

/** How values are scaled before they go in; null: as they are. */
function scaleOf({ network: { outputs, experiment } }: ExportSource) {
  const scale = outputs === null ? null : dataSetOf(experiment).scale
  return scale && listed(scale)
}

/** What the folder is, how it is opened, and how well it was checked; Markdown. */
export function readmeText(
  format: ExportFormat,
  source: ExportSource,
  proof: Proof,
  licence: string | null,
): string {
  const { network, document, replica } = source
  const { entry, experiment } = document
  const { blocks, input, outputs, outputName, axes } = network
  const run = entry.name === entry.id ? entry.id : `"${entry.name}" (${entry.id})`
  const isScaled = scaleOf(source) !== null
  const order = axes === 0 ? '' : ', channels before positions'
  const data = outputs === null ? null : describedData(experiment)
  return [
    `# ${network.title}`,
    '',
    `${blocks.length} residual blocks of width ${experiment.width}, replica ${replica} of the run ${run} ` +
      `of Residual Lab ${entry.version}, as ${format.title}.`,
    '',
    `- Input: ${shapeText(input)} a sample${order}${data ? `; ${data.title}, as said below` : ''}.`,
    outputs === null
      ? '- Output: h_L, what the last block puts out.'
      : outputName === 'logits'
        ? `- Output: ${outputs} logits a sample.`
        : `- Output: ${outputs} a sample: targets less their mean, divided by their standard deviation (targetScale).`,
    `- Checked: opened again and compared on ${proof.inputs.samples} inputs; the largest difference is ` +
      `${proof.relativeDifference.toExponential(1)} of the largest output (proof.json).`,
    `- Weights: ${proof.weights}.`,
    `- Licence of the weights: ${licence ?? 'not stated'}.`,
    '',
    '## How to open it',
    '',
    format.howToOpen(source),
    '',
    '## What is here',
    '',
    'export.json has the run, the experiment and the versions; proof.json the inputs and outputs of the check.',
    ...(format.keepsWeights || !isStandardised(network)
      ? []
      : [
          '',
          'Scaled weight standardisation (Brock et al. 2021) is a function of the weights that are learned. Here are ' +
            'its values, which suffice to compute outputs; to go on with training, export the run as pytorch or npz.',
        ]),
    ...(data
      ? [
          '',
          isScaled
            ? 'The mean of the training samples is taken from each value, and it is divided by their standard ' +
              'deviation (`inputScale` in export.json) before it goes in.'
            : 'Values go in as the data set has them.',
        ]
      : []),
    '',
  ].join('\n')
}
