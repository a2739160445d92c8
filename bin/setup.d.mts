/** The checkout. */
export const root: string
/** A hash over the names and contents of what the bundles are made of. */
export function sourceStamp(folder: string): string
