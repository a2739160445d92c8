import type { RequestBody } from '../../../shared/protocol/protocol'
import type { RunLibrary } from '../../runs/library'

/** What is asked for: the request of a page, as it is. */
export type RunFileRequest = Extract<RequestBody, { type: 'figure.file' | 'metrics.file' | 'report.file' }>

/**
 * The bytes of a figure that a page has drawn, or of a file that is made of runs; the writers are loaded when they are
 * asked for.
 * @throws InputError for what a run does not have
 */
export async function makeRunFile(library: RunLibrary, request: RunFileRequest): Promise<Uint8Array> {
  switch (request.type) {
    case 'figure.file': {
      const { drawing, format, words, resolution } = request
      const { drawingFile } = await import('../../figures/file')
      return drawingFile(drawing, format, words, resolution)
    }
    case 'metrics.file': {
      const { metricsFormat } = await import('../../export/metrics/formats')
      const { metricsFiles } = await import('../../export/metrics/write-metrics')
      const { zipBytes } = await import('../../export/zip')
      const format = metricsFormat(request.format)
      const files = metricsFiles(library, request.run, format)
      return format.is === 'file' ? [...files.values()][0] : zipBytes(files)
    }
    case 'report.file': {
      const { title, prose } = request
      const { reportFile } = await import('../../report/write-report')
      return reportFile({ title, prose, runs: request.runs.map((id) => library.open(id)) }, 'pdf')
    }
  }
}
