import { readFileSync, readdirSync } from 'node:fs'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'
import { TABLES, refreshed } from '../../docs/tables'

const pages = readdirSync('docs').filter((name) => name.endsWith('.md'))
const text = (name: string) => readFileSync(path.join('docs', name), 'utf8')

describe('generated tables', () => {
  test.each(pages)('those of docs/%s are what `npm run docs` writes', (name) => {
    expect(text(name), 'stale: run `npm run docs`').toBe(refreshed(text(name)))
  })

  test('each stands on one page', () => {
    const places = pages.flatMap((name) => [...text(name).matchAll(/<!-- generated: (.+?) -->/g)])
    expect(places.map(([, name]) => name).sort()).toEqual(Object.keys(TABLES).sort())
  })

  test('a changed table is put in place of the old one, and the words around it stay', () => {
    const page = 'Before.\n\n<!-- generated: networks -->\n\nold\n\n<!-- end -->\n\nAfter.\n'
    const now = refreshed(page)
    expect(now).toMatch(/^Before\.\n\n<!-- generated: networks -->\n\n\| name \|/)
    expect(now).toMatch(/\n\n<!-- end -->\n\nAfter\.\n$/)
    expect(now).toContain('| `resnet20-cifar` | 269,722 |')
    expect(now).not.toContain('old')
    expect(refreshed(now)).toBe(now)
  })

  test('a table that nothing makes is refused', () => {
    expect(() => refreshed('<!-- generated: none -->\n<!-- end -->')).toThrow('There is no table "none".')
  })
})
