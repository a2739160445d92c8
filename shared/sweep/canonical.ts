/**
 * A document's one text, whatever the order in which its fields were written: what it is known by. Fields without a
 * value are left out.
 */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  )
