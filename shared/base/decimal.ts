/** Numbers as people write them; 0x10 and an empty text are none. */
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i

/** What is no number goes on as text, so that an error message shows what was written. */
export const numberOrText = (text: string): number | string =>
  DECIMAL.test(text.trim()) ? Number(text) : text
