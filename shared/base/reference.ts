/** What a bibliography needs of a paper; the papers that the lab names stand in papers.ts and training-papers.ts. */

/** Fields of BibTeX beside author, title and year. */
type Fields = Partial<
  Record<
    | 'booktitle'
    | 'journal'
    | 'volume'
    | 'number'
    | 'pages'
    | 'publisher'
    | 'institution'
    | 'series'
    | 'eprint'
    | 'howpublished',
    string
  >
>

export interface Reference {
  /** In BibTeX. */
  key: string
  type: 'article' | 'inproceedings' | 'incollection' | 'book' | 'techreport' | 'misc'
  /** "Family, Given"; "others" stands for those who are left out. */
  authors: readonly string[]
  year: number
  title: string
  fields: Fields
}

/** Makes entries of a kind. @param authors with semicolons between */
export const reference =
  (type: Reference['type']) =>
  (key: string, authors: string, year: number, title: string, fields: Fields = {}): Reference => ({
    ...{ key, type, authors: authors.split('; '), year, title, fields },
  })

export const article = reference('article')
export const proceedings = reference('inproceedings')
export const misc = reference('misc')

/** One that its authors have put on arXiv, and that is known by that. */
export const onArxiv = (key: string, authors: string, year: number, title: string, eprint: string) =>
  misc(key, authors, year, title, { eprint })

export const ICML = 'Proceedings of the International Conference on Machine Learning (ICML)'
export const ICLR = 'International Conference on Learning Representations (ICLR)'
export const CVPR = 'Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition (CVPR)'
export const NEURIPS = 'Advances in Neural Information Processing Systems (NeurIPS)'
export const AISTATS =
  'Proceedings of the International Conference on Artificial Intelligence and Statistics (AISTATS)'
export const TRICKS = 'Neural Networks: Tricks of the Trade'
