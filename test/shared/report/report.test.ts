import { describe, expect, test } from 'vitest'
import { reportHtml } from '../../../shared/report/html'
import { parseMarkdown, textOf } from '../../../shared/report/markdown'
import { reportOf } from '../../../shared/report/report'
import type { RunDocument } from '../../../shared/runs/run'
import type { RunEntry } from '../../../shared/runs/run'
import { defaultExperiment } from '../../../shared/settings/table'
import { entry } from '../runs/entries'

const summary = (...mean: number[]) => ({ mean, median: mean, low: mean, high: mean })
const series = {
  ...{ block: 'relu-linear', blockTitle: 'Type 2: ReLU, then linear', remedy: 'none' },
  ...{ q: summary(1, 2, 4), p: summary(4, 2, 1) },
}

const run = (own: Partial<RunEntry> = {}): RunDocument => ({
  ...{ entry: entry(own), experiment: defaultExperiment(), environment: null, started: null },
  result: { series: [series] },
})

const htmlOf = (title: string, prose: string, ...runs: RunDocument[]) =>
  reportHtml(reportOf({ title, prose, runs }))

describe('prose', () => {
  test('has headings, paragraphs, lists, quotations and code', () => {
    const text =
      '# One\n\nfirst line\nsecond *line*\n\n- a\n  goes on\n- b\n\n1. x\n2. y\n\n> said\n\n```\n<b>\n```\n'
    const blocks = parseMarkdown(text)
    expect(blocks.map(({ kind }) => kind)).toEqual([
      ...['heading', 'paragraph', 'list', 'list', 'quotation', 'code'],
    ])
    expect(blocks[1]).toMatchObject({ parts: [{ text: 'first line second ' }, { kind: 'emphasis' }] })
    const [bullets, numbers] = [blocks[2], blocks[3]] as {
      ordered: boolean
      items: Parameters<typeof textOf>[0][]
    }[]
    expect([bullets.ordered, bullets.items.map(textOf)]).toEqual([false, ['a goes on', 'b']])
    expect([numbers.ordered, numbers.items.map(textOf)]).toEqual([true, ['x', 'y']])
    expect(blocks[5]).toEqual({ kind: 'code', text: '<b>' })
  })

  test('links lead to the web and nowhere else', () => {
    const linked = (text: string) => JSON.stringify(parseMarkdown(text)).includes('"link"')
    expect(linked('[a](https://arxiv.org/abs/1512.03385)')).toBe(true)
    for (const other of [
      'javascript:alert(1)',
      'data:text/html,x',
      'file:///etc/passwd',
      ' https://x" onclick="y',
    ])
      expect(linked(`[a](${other})`)).toBe(false)
  })

  test.each(['*', '_', '`', '[', '> ', '# ', '- ', '**a', '[a](', '```\n'])(
    'every text comes to an end: %s',
    (part) => {
      const blocks = parseMarkdown(part.repeat(30_000))
      expect(blocks.length).toBeGreaterThan(0)
    },
  )

  test('a blank text is nothing', () => {
    expect(parseMarkdown(' \n\r\n')).toEqual([])
  })
})

describe('a report as HTML', () => {
  const HOSTILE = `</title><script>alert(1)</script><img src=x onerror="a"> & 'q' \u0000`

  test('escapes whatever runs and prose say', () => {
    const html = htmlOf(
      HOSTILE,
      `# ${HOSTILE}\n\n${HOSTILE}\n\n- ${HOSTILE}\n\n> ${HOSTILE}\n\n\`${HOSTILE}\`\n\n\`\`\`\n${HOSTILE}\n\`\`\`\n`,
      run({
        ...{
          name: HOSTILE,
          note: HOSTILE,
          title: HOSTILE,
          varied: HOSTILE,
          device: HOSTILE,
          command: HOSTILE,
        },
        figures: [{ label: HOSTILE, value: 1, low: null, high: null, n: 1 }],
      }),
    )
    expect(html).not.toMatch(/<script|<img|onerror="/)
    expect(html).not.toContain('\u0000')
    const tags = new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag.toLowerCase()))
    for (const tag of ['script', 'img', 'iframe', 'object', 'link', 'base', 'form'])
      expect(tags.has(tag)).toBe(false)
  })

  test('needs nothing else, and lets nothing run', () => {
    const html = htmlOf('', 'See [it](https://example.org/a?b=1&c=2).', run())
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
    expect(html.match(/https?:\/\/[^\s"<]+/g)!.filter((url) => url !== 'http://www.w3.org/2000/svg')).toEqual(
      ['https://example.org/a?b=1&amp;c=2'],
    )
    expect(html).not.toMatch(/url\((?!#)|@import|src=/)
  })

  test('has each run with its charts in both colours, note, methods, references and BibTeX', () => {
    const html = htmlOf(
      '',
      '',
      run({ name: 'first', note: 'It **grows**.' }),
      run({ id: 'oak-2', name: 'second' }),
    )
    expect(html).toContain('<title>Report on first, second</title>')
    expect(html.match(/<section /g)).toHaveLength(2)
    expect(html.match(/<svg /g)).toHaveLength(8)
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const part of [
      ...['<p>It <strong>grows</strong>.</p>', 'We looked at residual networks of 20 blocks of width 100.'],
      ...['<h2>References</h2>', '@misc{residuallab-0.1.0,', 'doubles every block'],
    ])
      expect(html).toContain(part)
  })

  test('is the same for the same runs and words', () => {
    expect(htmlOf('a', 'b', run())).toBe(htmlOf('a', 'b', run()))
  })
})
