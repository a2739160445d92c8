import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..', '..')
const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

/** Imports that no file may have, each in a file of its own, and the rule that each breaks. */
const FORBIDDEN = [
  ['shared/numerics', 'shared/theory', 'shared/numerics-imports-only-layers-above'],
  ['shared/paths', 'shared/lesion', 'shared/paths-imports-only-layers-above'],
  ['shared/theory', 'shared/protocol', 'shared/theory-imports-only-layers-above'],
  ['shared/elsewhere', 'shared/base', 'shared-has-folders-of-the-table'],
  ['shared/base', 'main/hosts', 'shared-is-pure'],
  ['renderer/state', 'renderer/views/order', 'renderer/state-imports-only-layers-above'],
  ['renderer/components', 'renderer/state', 'renderer/components-imports-only-layers-above'],
  ['renderer/views/paths', 'renderer/views/order', 'a-view-imports-no-other-view'],
  ['renderer/charts', 'main/runtime', 'renderer-knows-only-shared'],
  ['main/trainer/engine', 'main/hosts/lab', 'engine-knows-no-host'],
  ['main/trainer/compile', 'shared/base', 'compile-knows-no-networks'],
  ['main/data', 'main/trainer', 'data-know-no-host'],
  ['main/figures', 'main/hosts', 'figures-know-no-host'],
  ['main/queue', 'main/hosts', 'queue-knows-no-host'],
  ['main/runtime', 'main/trainer', 'runtime-knows-no-trainer'],
] as const

let tree: string
let violations: { from: string; rule: { name: string } }[] = []
// One small tree with every fault in it, inside the checkout, where the linter finds TypeScript and Svelte.
beforeAll(async () => {
  mkdirSync(join(root, '.cache'), { recursive: true })
  tree = mkdtempSync(join(root, '.cache', 'layers-'))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(tree, name)), { recursive: true })
    writeFileSync(join(tree, name), text)
  }
  const importing = (from: string, to: string) => {
    const way = `${'../'.repeat(from.split('/').length - 1)}${to}`
    return `import type { Target } from '${way}'\nexport type Own = Target`
  }
  FORBIDDEN.forEach(([from, to], i) => {
    write(`${from}/breaks-${i}.ts`, importing(`${from}/x`, `${to}/target`))
    write(`${to}/target.ts`, 'export type Target = 1')
  })
  write('shared/base/target.ts', 'export type Target = 1')
  write('shared/graph/right.ts', importing('shared/graph/x', 'shared/base/target'))
  write('shared/base/round-1.ts', "import type { B } from './round-2'\nexport type A = B | 1")
  write('shared/base/round-2.ts', "import type { A } from './round-1'\nexport interface B { a: A }")
  write('renderer/state/value.ts', 'export const value = 1')
  const component = '<script lang="ts">\n  import { value } from \'../state/value\'\n</script>\n{value}'
  write('renderer/components/Breaks.svelte', component)
  cpSync(join(root, 'tsconfig.json'), join(tree, 'tsconfig.json'))

  const config = join(root, '.dependency-cruiser.cjs')
  const command = [cruiser, '--output-type', 'json', '--config', config, 'shared', 'main', 'renderer']
  const output = await new Promise<string>((done) =>
    execFile(process.execPath, command, { cwd: tree, maxBuffer: 1e8 }, (_failed, stdout) => done(stdout)),
  )
  violations = JSON.parse(output).summary.violations
})
afterAll(() => rmSync(tree, { recursive: true, force: true }))

const rulesBrokenBy = (file: string) => [
  ...new Set(violations.filter(({ from }) => from === file).map(({ rule }) => rule.name)),
]

describe('the linter holds the architecture', () => {
  test.each(FORBIDDEN.map((one, i) => [...one, i] as const))('%s may not import %s', (from, _to, rule, i) => {
    expect(rulesBrokenBy(`${from}/breaks-${i}.ts`)).toEqual([rule])
  })

  test('a cycle of types alone is a cycle', () => {
    expect([
      ...rulesBrokenBy('shared/base/round-1.ts'),
      ...rulesBrokenBy('shared/base/round-2.ts'),
    ]).toContain('no-cycle')
  })

  test('what Svelte components import counts', () => {
    const rule = 'renderer/components-imports-only-layers-above'
    expect(rulesBrokenBy('renderer/components/Breaks.svelte')).toEqual([rule])
  })

  test('nothing else is held against the tree', () => {
    expect(rulesBrokenBy('shared/graph/right.ts')).toEqual([])
    const known = /\/(breaks-\d+\.ts|Breaks\.svelte|round-\d\.ts)$/
    expect(violations.filter(({ from }) => !known.test(from))).toEqual([])
  })
})
