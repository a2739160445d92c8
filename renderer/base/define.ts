/**
 * Svelte action: the one-line definition of a control. Shown beside it on hover and keyboard focus, and there for
 * screen readers by aria-describedby.
 */
export function define(element: HTMLElement | SVGElement, text: string) {
  const description = document.createElement('span')
  description.id = `definition-${++count}`
  description.hidden = true
  description.textContent = text
  document.body.append(description)
  const described = element.getAttribute('aria-describedby')
  element.setAttribute('aria-describedby', [described, description.id].filter(Boolean).join(' '))

  const show = () => showTooltip(element, description.textContent!)
  let timer: number | undefined
  const showSoon = () => (timer = window.setTimeout(show, HOVER_DELAY))
  const hide = () => {
    clearTimeout(timer)
    hideTooltip()
  }
  const showOnFocus = () => {
    if (element.matches(':focus-visible')) show()
  }
  const listeners: [string, () => void][] = [
    ['pointerenter', showSoon],
    ['pointerleave', hide],
    ['pointerdown', hide],
    ['focus', showOnFocus],
    ['blur', hide],
  ]
  listeners.forEach(([name, listener]) => element.addEventListener(name, listener))
  return {
    update(newText: string) {
      description.textContent = newText
    },
    destroy() {
      clearTimeout(timer)
      if (shownFor === element) hideTooltip()
      description.remove()
    },
  }
}

/** Passing over a control is no question about it. */
const HOVER_DELAY = 350

let count = 0
let tooltip: HTMLElement | null = null
let shownFor: Element | null = null

function showTooltip(element: Element, text: string) {
  if (!text) return
  if (!tooltip) {
    tooltip = document.createElement('div')
    tooltip.className = 'tooltip'
    tooltip.setAttribute('aria-hidden', 'true')
    document.body.append(tooltip)
  }
  shownFor = element
  tooltip.textContent = text
  tooltip.hidden = false
  const box = element.getBoundingClientRect()
  const { width, height } = tooltip.getBoundingClientRect()
  const below = box.bottom + 6 + height < innerHeight
  tooltip.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`
  tooltip.style.top = `${below ? box.bottom + 6 : box.top - height - 6}px`
}

function hideTooltip() {
  shownFor = null
  if (tooltip) tooltip.hidden = true
}
