import type { ExportedRun } from '../../../shared/export/forms'
import { intoPlace } from '../../export/place'
import type { ExportRequest } from '../../export/export-run'
import { inThread, type ThreadOptions } from './in-thread'

/**
 * Exports networks of a run: a thread writes, opens and compares them, and what agrees is put in its place.
 * @param folder the data folder
 * @throws InputError for what cannot be exported, or where the place is taken; Error that names cause and hint
 */
export const exportInThread = (
  folder: string,
  run: string,
  request: ExportRequest,
  options: ThreadOptions = {},
): Promise<ExportedRun[]> =>
  intoPlace(request, (target) => inThread('export', { folder, run, request, target }, options))
