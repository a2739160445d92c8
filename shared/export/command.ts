import { PROGRAM } from '../base/program'
import { quote } from '../experiment/command-line'
import { exportForm, type ExportSettings } from './forms'

/** Characters of a run's name in a file's: file systems allow 255 bytes, and people read fewer. */
const LONGEST_NAME = 60

/** Whether an export is one file; else it is a folder. */
export const isOneFile = ({ format, replica }: ExportSettings): boolean =>
  exportForm(format).is === 'file' && replica !== null

/** What an export is called unless the user says otherwise: "fern-12-series-2.onnx", "fern-12-pytorch". */
export function exportName(run: string, settings: ExportSettings): string {
  const { format, series, replica, fold, float16 } = settings
  const plain = run.replace(/[^\p{L}\p{N}_-]+/gu, '-').replace(/^-+|-+$/g, '')
  const parts = [
    plain.slice(0, LONGEST_NAME) || 'network',
    ...(series === null ? [] : ['series', series]),
    ...(replica === null ? ['all'] : replica > 1 ? ['replica', replica] : []),
    ...(fold ? ['folded'] : []),
    ...(float16 ? ['float16'] : []),
    ...(isOneFile(settings) ? [] : [format]),
  ]
  return `${parts.join('-')}${isOneFile(settings) ? `.${format}` : ''}`
}

/** The command line that writes the same bytes. @param run id @param out where to */
export function exportCommandText(run: string, settings: ExportSettings, out: string): string {
  const { format, series, replica, fold, float16, licence } = settings
  return [
    ...[PROGRAM, 'export', quote(run), '--format', format, '--out', quote(out)],
    ...(series === null ? [] : ['--series', series]),
    ...(replica === 1 ? [] : ['--replica', replica ?? 'all']),
    ...(fold ? ['--fold'] : []),
    ...(float16 ? ['--float16'] : []),
    ...(licence === null ? [] : ['--licence', quote(licence)]),
  ].join(' ')
}
