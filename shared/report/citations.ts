import type { Reference } from '../base/reference'

/** Cites papers in a sentence: " (He et al., 2015; De and Smith, 2020)", and nothing where there are none. */
export type Cite = (references: readonly Reference[]) => string

/** Citations by authors and year; those that would read alike get a letter, in the order in which they were named. */
export function citations(references: readonly Reference[]): {
  cite: Cite
  label: (one: Reference) => string
} {
  const alike = (one: Reference) => references.filter((other) => bare(other) === bare(one))
  const label = (one: Reference) => {
    const same = alike(one)
    const letter = same.length > 1 ? LETTERS[same.findIndex(({ key }) => key === one.key)] : ''
    return `${bare(one)}${letter}`
  }
  return {
    label,
    cite: (some) => (some.length ? ` (${unique(some).map(label).join('; ')})` : ''),
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz'

/** Each once, by key, in their order. */
export const unique = (references: readonly Reference[]): Reference[] => [
  ...new Map(references.map((one) => [one.key, one])).values(),
]

const families = ({ authors }: Reference) => authors.map((name) => name.split(',')[0])

/** "He et al., 2015". */
function bare(one: Reference): string {
  const names = families(one)
  const who = names.length > 2 ? `${names[0]} et al.` : names.join(' and ')
  return `${who}, ${one.year}`
}

/** A line of a list of references, as people read it. */
export function referenceText({ authors, year, title, fields }: Reference): string {
  const { booktitle, journal, volume, number, pages, publisher, institution, howpublished, eprint } = fields
  const place = [
    booktitle && `In ${booktitle}`,
    journal && [journal, volume && `${volume}${number ? `(${number})` : ''}`].filter(Boolean).join(' '),
    institution && [`Technical report`, number, institution].filter(Boolean).join(', '),
    howpublished,
    publisher,
    pages && pages.replace('--', '–'),
    eprint && `arXiv:${eprint}`,
  ].filter(Boolean)
  const names = authors.map((one) => (one === 'others' ? 'et al.' : one)).join('; ')
  return `${names} (${year}). ${plain(title)}. ${place.join(', ')}.`
}

/** Without BibTeX's own signs. */
const plain = (text: string) =>
  text
    .replace(/\$O\(1\/k\^2\)\$/, 'O(1/k²)')
    .replace(/``/g, '“')
    .replace(/''/g, '”')
    .replace(/ --- /g, ' — ')
    .replace(/[{}]/g, '')
