import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect, test } from 'vitest'
import { LONG, longestFirst } from './longest-first.mjs'

test('files that take minutes begin first, and the others keep their order', () => {
  const ids = ['b', 'e2e/browser', 'a', 'engine/browser', 'e2e/electron'].map(
    (name) => `/lab/test/${name}.test.ts`,
  )
  const sorted = longestFirst(ids.map((moduleId) => ({ moduleId })))
  expect(sorted.map(({ moduleId }) => moduleId)).toEqual([ids[4], ids[1], ids[0], ids[2], ids[3]])
})

test('each of them is there', () => {
  const isThere = (name: string) => fs.existsSync(path.join(import.meta.dirname, `${name}.test.ts`))
  expect(LONG.filter((name) => !isThere(name))).toEqual([])
})
