/**
 * The part of Markdown that prose in reports is written in: headings, paragraphs, lists, quotations, code, emphasis and
 * links to the web. Everything else is text as it stands: there is no HTML in it, whatever it looks like.
 */

export type Inline =
  | { kind: 'text' | 'code'; text: string }
  | { kind: 'strong' | 'emphasis'; parts: Inline[] }
  | { kind: 'link'; href: string; parts: Inline[] }

export type Block =
  | { kind: 'heading'; level: 1 | 2 | 3; parts: Inline[] }
  | { kind: 'paragraph' | 'quotation'; parts: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; text: string }

const FENCE = /^ {0,3}```/
const HEADING = /^ {0,3}(#{1,3}) +(.*)$/
const BULLET = /^ {0,3}[-*+] +(.*)$/
const NUMBERED = /^ {0,3}\d{1,9}[.)] +(.*)$/
const QUOTED = /^ {0,3}> ?(.*)$/

/** Goes on as long as `take` gives something of a line; null ends it before that line. */
type Taken = (take: (line: string) => string | null) => string[]

/** Prose as blocks, in their order. */
export function parseMarkdown(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n')
  const blocks: Block[] = []
  let i = 0
  const taken: Taken = (take) => {
    const own: string[] = []
    for (; i < lines.length; i++) {
      const one = take(lines[i])
      if (one === null) break
      own.push(one)
    }
    return own
  }
  while (i < lines.length) {
    const line = lines[i]
    const heading = HEADING.exec(line)
    if (line.trim() === '') i++
    else if (FENCE.test(line)) {
      i++
      const code = taken((one) => (FENCE.test(one) ? null : one))
      i++
      blocks.push({ kind: 'code', text: code.join('\n') })
    } else if (heading) {
      i++
      blocks.push({ kind: 'heading', level: heading[1].length as 1 | 2 | 3, parts: inlines(heading[2]) })
    } else if (QUOTED.test(line)) {
      const quoted = taken((one) => QUOTED.exec(one)?.[1] ?? null)
      blocks.push({ kind: 'quotation', parts: inlines(quoted.join(' ')) })
    } else if (BULLET.test(line) || NUMBERED.test(line)) {
      const sign = BULLET.test(line) ? BULLET : NUMBERED
      blocks.push({ kind: 'list', ordered: sign === NUMBERED, items: listItems(taken, sign) })
    } else {
      const paragraph = taken((one) => (one.trim() === '' || startsBlock(one) ? null : one.trim()))
      blocks.push({ kind: 'paragraph', parts: inlines(paragraph.join(' ')) })
    }
  }
  return blocks
}

const startsBlock = (line: string) =>
  [FENCE, HEADING, BULLET, NUMBERED, QUOTED].some((sign) => sign.test(line))

/** Lines that are moved in go on with the item before them. */
function listItems(taken: Taken, sign: RegExp): Inline[][] {
  const items: string[] = []
  taken((line) => {
    const own = sign.exec(line)?.[1]
    if (own !== undefined) items.push(own)
    else if (/^ {2,}\S/.test(line)) items[items.length - 1] += ` ${line.trim()}`
    else return null
    return line
  })
  return items.map((item) => inlines(item))
}

/** Each alternative ends at the next of its own signs, so that no text takes long. */
const SIGNS =
  /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|(?<![\p{L}\p{N}])_([^_\s][^_]*)_(?![\p{L}\p{N}])|\[([^\][]{1,500})\]\((https?:\/\/[^\s()<>"]{1,2000})\)/gu

function inlines(text: string): Inline[] {
  const parts: Inline[] = []
  let at = 0
  const plain = (to: number) => {
    if (to > at) parts.push({ kind: 'text', text: text.slice(at, to) })
  }
  for (const found of text.matchAll(SIGNS)) {
    plain(found.index)
    at = found.index + found[0].length
    const [, code, strong, star, underline, label, href] = found
    const emphasis = star ?? underline
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (strong !== undefined) parts.push({ kind: 'strong', parts: inlines(strong) })
    else if (emphasis !== undefined) parts.push({ kind: 'emphasis', parts: inlines(emphasis) })
    else parts.push({ kind: 'link', href, parts: [{ kind: 'text', text: label }] })
  }
  plain(text.length)
  return parts
}

/** Without its signs. */
export const textOf = (parts: readonly Inline[]): string =>
  parts.map((part) => ('parts' in part ? textOf(part.parts) : part.text)).join('')
