import { version } from '../../package.json'
import { describedData } from '../../shared/data/data-sets'
import { shapeText } from '../../shared/numerics/shape'
import type { ExportFormat } from './format'
import type { Proof } from './proof'
import type { ExportSource } from './source'

/** The facts of an export as one document. It has no date of its own: exports of one run are alike byte for byte. */
export function exportDocument(
  format: ExportFormat,
  { document, series, replica, network }: ExportSource,
  { isFloat16, licence }: { isFloat16: boolean; licence: string | null },
) {
  const { entry, experiment, environment } = document
  return {
    version: 1,
    format: format.name,
    network: network.title,
    numbers: isFloat16 ? 'float16' : 'float32',
    licence,
    lab: version,
    run: { id: entry.id, name: entry.name, kind: entry.kind, created: entry.created, device: entry.device },
    series,
    replica,
    experiment,
    environment,
  }
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
  const { blocks, input, outputs, axes } = network
  const order = axes === 0 ? '' : ', channels before positions'
  const data = outputs === null ? null : describedData(experiment)
  return [
    `# ${network.title}`,
    '',
    `${blocks.length} residual blocks of width ${experiment.width}, replica ${replica} of the run "${entry.name}" ` +
      `(${entry.id}) of Residual Lab ${entry.version}, as ${format.title}.`,
    '',
    `- Input: ${shapeText(input)} a sample${order}${data ? `; "${data.title}", as the lab scales it (below)` : ''}.`,
    outputs === null
      ? '- Output: h_L, what the last block puts out.'
      : `- Output: ${outputs} logits a sample.`,
    `- Checked: opened again and compared on ${proof.inputs.samples} inputs; the largest difference is ` +
      `${proof.relativeDifference.toExponential(1)} of the largest output (proof.json).`,
    `- Licence of the weights: ${licence ?? 'not stated'}.`,
    '',
    '## How to open it',
    '',
    format.howToOpen(source),
    '',
    '## What is here',
    '',
    'export.json has the run, the experiment and the versions; proof.json the inputs and outputs of the check.',
    ...(data
      ? [
          '',
          'The lab takes the training samples’ mean from each value and divides by their standard deviation, where ' +
            'the data set asks for it: `residual-lab data show` says what it does.',
        ]
      : []),
    '',
  ].join('\n')
}
