export interface Span {
  text: string
  /** What is typed or read by a program: a command, a path, a key. */
  isCode: boolean
}

/** A sentence in its parts: what stands between two backticks is code, as in Markdown. A lone backtick is one. */
export function codeSpans(sentence: string): Span[] {
  const spans = sentence.split(/(`[^`]+`)/).map((part): Span => {
    const isCode = part.length > 2 && part.startsWith('`') && part.endsWith('`')
    return isCode ? { text: part.slice(1, -1), isCode } : { text: part, isCode }
  })
  return spans.filter(({ text }) => text !== '')
}

/** The same where nothing can be set as code, as in a title: in quotation marks. */
export const withoutCodeSpans = (sentence: string): string =>
  codeSpans(sentence)
    .map(({ text, isCode }) => (isCode ? `“${text}”` : text))
    .join('')
