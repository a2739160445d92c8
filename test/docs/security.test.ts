import { readFileSync, readdirSync } from 'node:fs'
import * as path from 'node:path'
import { describe, expect, test } from 'vitest'
import { devDependencies } from '../../package.json'

const page = readFileSync('docs/security.md', 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .filter((line) => !/^\| (---|No\.|Threat|Who) /.test(line))

/** A file of tests and the title of one, as they are quoted: `test/….ts` “title”. */
const quoted = (text: string) =>
  [...text.matchAll(/`(test\/[\w./-]+\.ts)` “([^”]+)”/g)].map(([, file, title]) => ({
    file: file!,
    title: title!,
  }))

describe('docs/security.md', () => {
  test('has Electron’s twenty points, each once', () => {
    const numbers = rows.map((row) => /^\| (\d+) \|/.exec(row)?.[1]).filter(Boolean)
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 1)))
  })

  test('names a test in each row of a table of threats', () => {
    const threats = rows.filter((row) => row.split('|').length > 4)
    expect(threats.length).toBeGreaterThan(40)
    expect(threats.filter((row) => quoted(row).length === 0)).toEqual([])
  })

  test.each(quoted(page))('$file has the test “$title”', ({ file, title }) => {
    expect(readFileSync(file, 'utf8').includes(`'${title}'`)).toBe(true)
  })
})

/** The sources below a folder. */
function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|svelte)$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
}

test('nothing gives an address to the system’s programs', () => {
  const calling = [...sources('main'), ...sources('renderer')].filter((file) =>
    /\bopenExternal\b/.test(readFileSync(file, 'utf8')),
  )
  expect(calling).toEqual([])
})

test('Electron is pinned to one version', () => {
  expect(devDependencies.electron).toMatch(/^\d+\.\d+\.\d+$/)
})
