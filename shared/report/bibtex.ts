import type { Reference } from '../base/reference'

/** A bibliography of the papers, and of the program in the versions that made the runs. */
export function bibtexOf(references: readonly Reference[], versions: readonly string[]): string {
  const software = versions.map((version) => entryText('misc', softwareKey(version), softwareFields(version)))
  const papers = references.map(({ type, key, authors, title, year, fields }) => {
    const { eprint, ...rest } = fields
    return entryText(type, key, {
      author: authors.map(latex).join(' and '),
      title: `{${latex(title)}}`,
      year: String(year),
      ...Object.fromEntries(Object.entries(rest).map(([name, text]) => [name, latex(text)])),
      ...(eprint && { eprint, archiveprefix: 'arXiv' }),
    })
  })
  return [...software, ...papers].join('\n')
}

/** "residuallab-0.1.0". */
export const softwareKey = (version: string): string => `residuallab-${version.replace(/[^\w.-]+/g, '-')}`

const softwareFields = (version: string) => ({
  author: '{Residual Lab}',
  title: '{{Residual Lab}: a workbench for learning and researching why residual networks work}',
  note: `Computer software, version ${latex(version.replace(/[^\w.+-]+/g, '-'))}`,
})

function entryText(type: string, key: string, fields: Record<string, string | undefined>): string {
  const lines = Object.entries(fields).map(([name, text]) => `  ${name} = {${text}},`)
  return [`@${type}{${key},`, ...lines, '}', ''].join('\n')
}

const ACCENTS: Readonly<Record<string, string>> = {
  '\u0300': '`',
  '\u0301': "'",
  '\u0302': '^',
  '\u0308': '"',
}

/** With accents and signs as LaTeX writes them, whatever its input encoding is. */
const latex = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/(\p{L})([\u0300\u0301\u0302\u0308])/gu, (_, letter: string, accent: string) => {
      return `{\\${ACCENTS[accent]}${letter}}`
    })
    .replace(/([&%#_])/g, '\\$1')
