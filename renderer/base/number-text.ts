/** What people type in a number field: "1e3", "0.05", "-2"; anything else stays text, which the check then names. */
export function numberFromText(text: string): unknown {
  const trimmed = text.trim()
  const value = Number(trimmed)
  return trimmed !== '' && !Number.isNaN(value) ? value : trimmed
}

/** Numbers with commas or spaces between them. */
export const numbersFromText = (text: string): unknown[] =>
  text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(numberFromText)
