import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import * as path from 'node:path'
import { expect, test } from 'vitest'

const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const FOLDERS = ['.ci', 'bench', 'bin', 'docs', 'main', 'renderer', 'shared', 'test']

/** Every file and folder of the project, folders with a slash at the end. */
function below(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const file = `${folder}/${name}`
    return statSync(file).isDirectory() ? [`${file}/`, ...below(file)] : [file]
  })
}
const files = [
  ...readdirSync('.').filter((name) => statSync(name).isFile()),
  ...FOLDERS.map((name) => `${name}/`),
  ...FOLDERS.flatMap(below),
]

/** Whether a page's word for a file or folder names one: by its whole path, or by the end of it ("charts/axis.ts"). */
const isThere = (name: string) => files.some((file) => file === name || file.endsWith(`/${name}`))

/** Words in code that are files of sources, or paths below one of our folders; NAME and * stand for any. */
function named(page: string): string[] {
  const words = [...page.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`\n]+)`/g)].map(([, word]) => word!)
  const isPath = (word: string) =>
    /^[\w./-]+$/.test(word) &&
    (/\.(ts|mts|mjs|svelte|css)$/.test(word) || FOLDERS.some((folder) => word.startsWith(`${folder}/`)))
  return [...new Set(words.filter(isPath))].filter((word) => !/NAME|\*/.test(word))
}

test.each(PAGES)('every file and folder that %s names exists', (page) => {
  expect(named(readFileSync(page, 'utf8')).filter((name) => !isThere(name))).toEqual([])
})

test.each(PAGES)('every link of %s to a file of the project leads to one', (page) => {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!)
  const local = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => link.split('#')[0]!)
  const missing = local.filter((link) => link && !existsSync(path.join(path.dirname(page), link)))
  expect(missing).toEqual([])
})

test('what no file is called is found', () => {
  expect(named('`shared/nothing.ts` and `shared/base/`').filter((name) => !isThere(name))).toEqual([
    'shared/nothing.ts',
  ])
})
