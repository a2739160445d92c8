/** Forms in which a report leaves the lab. */
export const REPORT_FORMATS = [
  {
    name: 'html',
    label: 'HTML',
    type: 'text/html',
    definition: 'One page for any browser, light and dark, with nothing to load.',
  },
  {
    name: 'pdf',
    label: 'PDF',
    type: 'application/pdf',
    definition: 'Pages of A4, with charts as vectors.',
  },
] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]['name']
