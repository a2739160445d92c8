/**
 * A document's one text, whatever the order in which its fields were written: what it is known by. Fields without a
 * value are left out, and so is where a drawn block's nodes stand, which changes no number.
 */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (key, one: unknown) =>
    key === 'layout'
      ? undefined
      : typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
  )
