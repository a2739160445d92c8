/** Forms in which a report leaves the lab. */
export const REPORT_FORMATS = [
  {
    name: 'html',
    label: 'HTML',
    type: 'text/html',
    definition: 'One page for any browser, light and dark, with nothing to load.',
  },
] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]['name']
