import { lightOf, type PathLight, type PathTarget } from '../../../shared/paths/links'

/** What the pictures point at together: what is under the pointer or has the focus, else what was clicked. */
export class Pointing {
  #hovered = $state.raw<PathTarget | null>(null)
  #held = $state.raw<PathTarget | null>(null)
  readonly #light: PathLight | null

  /** @param blocks how many are drawn */
  constructor(blocks: () => number) {
    this.#light = $derived(this.target && lightOf(this.target, blocks()))
  }

  get target(): PathTarget | null {
    return this.#hovered ?? this.#held
  }
  get held(): PathTarget | null {
    return this.#held
  }
  get light(): PathLight | null {
    return this.#light
  }

  isHeld(target: PathTarget): boolean {
    return this.#held !== null && same(this.#held, target)
  }
  hover(target: PathTarget | null): void {
    this.#hovered = target
  }
  toggle(target: PathTarget): void {
    this.#held = this.isHeld(target) ? null : target
  }
  clear(): void {
    this.#hovered = this.#held = null
  }
}

const same = (a: PathTarget, b: PathTarget) => JSON.stringify(a) === JSON.stringify(b)

/** Svelte action: this element stands for a target. Pointer and focus show it, click, Enter and Space hold it. */
export function points(element: HTMLElement | SVGElement, given: { pointing: Pointing; target: PathTarget }) {
  let { pointing, target } = given
  const show = () => pointing.hover(target)
  const hide = () => pointing.hover(null)
  const hold = () => pointing.toggle(target)
  const key = (event: Event) => {
    if (![' ', 'Enter'].includes((event as KeyboardEvent).key)) return
    event.preventDefault()
    event.stopPropagation()
    hold()
  }
  const listeners: [string, (event: Event) => void][] = [
    ['pointerenter', show],
    ['pointerleave', hide],
    ['click', hold],
    ['keydown', key],
  ]
  // In a drawing, listening for focus makes anything a stop of the Tab key.
  if (element.hasAttribute('data-stop')) {
    listeners.push(['focus', () => element.matches(':focus-visible') && show()], ['blur', hide])
  }
  listeners.forEach(([name, listener]) => element.addEventListener(name, listener))
  return {
    update(next: { pointing: Pointing; target: PathTarget }) {
      ;({ pointing, target } = next)
    },
    destroy() {
      listeners.forEach(([name, listener]) => element.removeEventListener(name, listener))
      pointing.hover(null)
    },
  }
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }

/**
 * Svelte action: one stop of the Tab key for all of an element's `[data-stop]`; arrows, Home and End move between them.
 */
export function roving(container: HTMLElement | SVGElement) {
  const stops = () => [...container.querySelectorAll<HTMLElement | SVGElement>('[data-stop]')]
  // At any key: Tab, too, is to come back to where it left.
  const key = (event: Event) => {
    const { key: name } = event as KeyboardEvent
    const all = stops()
    const at = all.indexOf(event.target as HTMLElement)
    if (at < 0) return
    const wanted = name === 'Home' ? 0 : name === 'End' ? all.length - 1 : at + (STEPS[name] ?? 0)
    const next = all[wanted] ? wanted : at
    all.forEach((stop, i) => stop.setAttribute('tabindex', i === next ? '0' : '-1'))
    if (next === at) return
    event.preventDefault()
    event.stopPropagation()
    all[next].focus()
  }
  container.addEventListener('keydown', key)
  return { destroy: () => container.removeEventListener('keydown', key) }
}
