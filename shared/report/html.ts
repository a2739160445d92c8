import { svgOf } from '../figures/files'
import type { Figure } from '../figures/figure'
import type { Block, Inline } from './markdown'
import { NUMBER_HEADINGS, type Report, type ReportSection } from './report'
import { REPORT_STYLE } from './style'

/**
 * A report as one HTML file that needs nothing else: no script, no network, no font. Charts are SVG, in light and in
 * dark colours, of which the reader's system chooses; on paper they are light. What runs and prose say is text: it is
 * escaped, and the file's own policy would let nothing run or load that got in all the same.
 */
export function reportHtml(report: Report): string {
  const { title, prose, overview, sections, references, bibtex } = report
  const head = ['run', 'kind', 'networks', 'begun', 'first figure']
  const rows = overview.map(({ name, kind, networks, begun, figure }) => [
    name,
    kind,
    networks,
    begun,
    figure,
  ])
  const lines = [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title>`,
    `<style>${REPORT_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escaped(title)}</h1>`,
    ...blocks(prose, 2),
    '<h2>Runs</h2>',
    table(head, rows),
    ...sections.flatMap(sectionHtml),
    ...(references.length
      ? ['<h2>References</h2>', '<ol>', ...references.map((one) => `<li>${escaped(one)}</li>`), '</ol>']
      : []),
    `<details><summary>BibTeX</summary><pre>${escaped(bibtex.trimEnd())}</pre></details>`,
    '</main>',
    '</body>',
    '</html>',
    '',
  ]
  return withoutControls(lines.join('\n'))
}

function sectionHtml({
  id,
  title,
  facts,
  note,
  figures,
  numbers,
  methods,
  command,
}: ReportSection): string[] {
  return [
    `<section id="${escaped(id)}">`,
    `<h2>${escaped(title)}</h2>`,
    `<p class="facts">${escaped(facts)}</p>`,
    ...blocks(note, 3),
    ...figures.map((figure, i) => figureHtml(figure, `${id}-${i + 1}`)),
    ...(numbers.length ? ['<h3>Numbers</h3>', table(NUMBER_HEADINGS, numbers)] : []),
    '<h3>Methods</h3>',
    `<p>${escaped(methods)}</p>`,
    ...(command === null ? [] : [`<pre>${escaped(command)}</pre>`]),
    '</section>',
  ]
}

function figureHtml(figure: Figure, id: string): string {
  const look = { size: 'page', words: false } as const
  const drawn = (theme: 'light' | 'dark') =>
    `<div class="${theme}">${svgOf(figure, { ...look, theme }, `${id}-${theme}`)}</div>`
  return [
    '<figure>',
    `<h3>${escaped(figure.title)}</h3>`,
    drawn('light'),
    drawn('dark'),
    `<figcaption>${escaped([figure.subtitle, figure.finding].filter(Boolean).join(' '))}</figcaption>`,
    '</figure>',
  ].join('\n')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (row: readonly string[], tag: string) =>
    row.map((one) => `<${tag}>${escaped(one)}</${tag}>`).join('')
  return [
    '<div class="wide"><table>',
    `<thead><tr>${cells(head, 'th')}</tr></thead>`,
    '<tbody>',
    ...rows.map((row) => `<tr>${cells(row, 'td')}</tr>`),
    '</tbody>',
    '</table></div>',
  ].join('\n')
}

// ---- Prose --------------------------------------------------------------------------------------------------------

/** @param level of the highest heading in it */
const blocks = (prose: readonly Block[], level: number): string[] =>
  prose.map((block) => blockHtml(block, level))

function blockHtml(block: Block, level: number): string {
  switch (block.kind) {
    case 'heading': {
      const tag = `h${Math.min(6, level + block.level - 1)}`
      return `<${tag}>${inlineHtml(block.parts)}</${tag}>`
    }
    case 'paragraph':
      return `<p>${inlineHtml(block.parts)}</p>`
    case 'quotation':
      return `<blockquote><p>${inlineHtml(block.parts)}</p></blockquote>`
    case 'code':
      return `<pre>${escaped(block.text)}</pre>`
    case 'list': {
      const tag = block.ordered ? 'ol' : 'ul'
      return `<${tag}>${block.items.map((item) => `<li>${inlineHtml(item)}</li>`).join('')}</${tag}>`
    }
  }
}

const inlineHtml = (parts: readonly Inline[]): string => parts.map(partHtml).join('')

function partHtml(part: Inline): string {
  switch (part.kind) {
    case 'text':
      return escaped(part.text)
    case 'code':
      return `<code>${escaped(part.text)}</code>`
    case 'strong':
      return `<strong>${inlineHtml(part.parts)}</strong>`
    case 'emphasis':
      return `<em>${inlineHtml(part.parts)}</em>`
    case 'link':
      return `<a href="${escaped(part.href)}" rel="noreferrer">${inlineHtml(part.parts)}</a>`
  }
}

const escaped = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;')

/** A document holds no control characters but line feeds and tabs: browsers and readers differ about them. */
const withoutControls = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '�')
