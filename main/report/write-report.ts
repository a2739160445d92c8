import * as fs from 'node:fs'
import * as path from 'node:path'
import type { ReportFormat } from '../../shared/report/formats'
import { reportHtml } from '../../shared/report/html'
import { reportOf, type ReportRequest } from '../../shared/report/report'
import { EXPORT_MODE } from '../export/format'
import { intoPlace, orSaid, type ExportPlace } from '../export/place'
import { replaceFileNow } from '../files/write-now'

/**
 * Writes a report, whole or not at all.
 * @param place the file
 * @throws InputError where the place is taken; Error that names cause and hint
 */
export async function writeReport(
  request: ReportRequest,
  format: ReportFormat,
  place: ExportPlace,
): Promise<void> {
  const out = path.resolve(place.out)
  const write = async (folder: string) => {
    const content = await reportFile(request, format)
    fs.mkdirSync(folder)
    replaceFileNow(path.join(folder, path.basename(out)), [content], EXPORT_MODE)
  }
  await intoPlace(
    { ...place, out },
    (folder) => orSaid(out, () => write(folder)),
    () => false,
  )
}

/** The bytes of a report, the same for the same runs and words; the writer of PDF is loaded when it is asked for. */
export async function reportFile(request: ReportRequest, format: ReportFormat): Promise<Buffer> {
  const report = reportOf(request)
  switch (format) {
    case 'html':
      return Buffer.from(reportHtml(report))
    case 'pdf': {
      const { reportPdf } = await import('./pdf')
      return reportPdf(report)
    }
  }
}
