/** Numbers as people read them: three significant digits, powers of ten, and words for what is not finite. */

const MINUS = '−'

/** 1.05e6, 0.682, 21.0, 1050, ∞, NaN. Zero is "0". */
export function formatNumber(value: number, digits = 3): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === 0) return '0'
  const sign = value < 0 ? MINUS : ''
  const size = Math.abs(value)
  if (size === Infinity) return `${sign}∞`
  return sign + formatSize(size, digits)
}

function formatSize(size: number, digits: number): string {
  const [mantissa, exponentText] = size.toExponential(digits - 1).split('e')
  const exponent = Number(exponentText)
  if (exponent >= 5 || exponent < -3) return `${mantissa}e${exponent}`.replace('e-', `e${MINUS}`)
  // Number() of the rounded mantissa: 1049.7 becomes 1050, not 1.05e+3.
  return exponent >= digits
    ? String(Number(`${mantissa}e${exponent}`))
    : size.toFixed(Math.max(0, digits - 1 - exponent))
}

/** 0.4 s, 12 s, 3 min 20 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '–'
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return whole % 60 ? `${minutes} min ${whole % 60} s` : `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** " (about 40 s)", to stand behind the name of what takes so long; empty where that is not known. */
export const aboutTime = (seconds: number | null): string =>
  seconds === null ? '' : ` (about ${formatDuration(seconds)})`

const SI: readonly [number, string][] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]

/** 950, 12.3 k, 4.10 M: for rates and counts. */
export function formatSi(value: number): string {
  const scale = SI.find(([size]) => Math.abs(value) >= size)
  return scale ? `${formatNumber(value / scale[0])} ${scale[1]}` : formatNumber(value)
}

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** 20 as ²⁰, -3 as ⁻³. */
export function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('')
  return exponent < 0 ? `⁻${digits}` : digits
}

/** "a", "a and b", "a, b and c". */
export function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`
}

/** "1 block", "3 blocks". */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** As a sentence begins. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** As a title begins; a symbol, "p" or "q_0", stays as it is. */
export const capitalWord = (text: string): string => (/^[a-z]{2}/.test(text) ? capital(text) : text)

/** A finding's sentences, so that a view can leave out whole ones. */
export function sentencesOf(finding: string): string[] {
  return finding ? finding.split(/(?<=\.) /) : []
}

/** Bytes as people compare sizes of files: "274 MB", powers of ten. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  if (bytes >= 1e6) return `${Math.round(bytes / 1e6)} MB`
  return `${Math.max(1, Math.round(bytes / 1e3))} kB`
}
