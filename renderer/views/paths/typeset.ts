import katex from 'katex'
import 'katex/dist/katex.min.css'

/** Svelte action: a formula in LaTeX, typeset in the element. */
export function typeset(element: HTMLElement, latex: string) {
  const render = (text: string) => katex.render(text, element, { throwOnError: false })
  render(latex)
  return { update: render }
}
