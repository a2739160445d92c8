#!/usr/bin/env node
// npm run docs: writes the tables of the pages in docs/ (docs/tables.ts) where the code's tables have changed.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, say, setUp } from './setup.mjs'

await setUp({ built: false })
const { runnerImport } = await import('vite')
const { module } = await runnerImport(join(root, 'docs', 'tables.ts'), {
  configFile: false,
  logLevel: 'warn',
})
for (const name of readdirSync(join(root, 'docs')).filter((file) => file.endsWith('.md'))) {
  const file = join(root, 'docs', name)
  const page = readFileSync(file, 'utf8')
  const now = module.refreshed(page)
  if (now === page) continue
  writeFileSync(file, now)
  say(`docs/${name} is up to date again`)
}
