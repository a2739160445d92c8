import type { Page } from 'playwright-core'

/** Windows in CSS pixels: three screens, and 1280 × 800 at 150 % and 200 % zoom. */
export const WINDOWS = [
  { width: 1024, height: 700 },
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 853, height: 533 },
  { width: 640, height: 400 },
] as const

export const byId = (page: Page, id: string) => page.locator(`[data-testid="${id}"]`)

/** Play, Stop and progress that are not wholly in the window, or not on top there. */
export const outOfReach = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const bar = document.querySelector('[data-testid="bar"]')!
    const wanted = {
      Play: '[data-testid="play"], button.primary',
      Stop: ['stop', 'regions-stop', 'depth-stop', 'sweep-stop']
        .map((id) => `[data-testid="${id}"]`)
        .concat('[data-testid$="job-stop"]')
        .join(),
      progress: 'progress',
    }
    return Object.entries(wanted).flatMap(([name, selector]) => {
      const element = bar.querySelector(selector)
      if (!element) return [`there is no ${name} in the bar`]
      const { left, top, right, bottom, width, height } = element.getBoundingClientRect()
      if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight || width < 8 || height < 2)
        return [`${name} is at ${left}, ${top} to ${right}, ${bottom} of ${innerWidth} × ${innerHeight}`]
      const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
      return element.contains(hit) ? [] : [`${name} lies under ${hit?.outerHTML.slice(0, 80)}`]
    })
  })

/** Controls within `selector` that scrolling does not bring to where they can be pressed. */
export const unreachable = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate((within) => {
    const controls = 'button, input, select, textarea, summary, a[href], [tabindex="0"]'
    return [...document.querySelectorAll<HTMLElement>(within)].flatMap((region) =>
      [...region.querySelectorAll<HTMLElement>(controls)].flatMap((control) => {
        // What is drawn on the board of the block is reached by moving the board.
        if (control.closest('.svelte-flow')) return []
        const style = getComputedStyle(control)
        if (!control.getClientRects().length || style.visibility === 'hidden') return []
        if (control.closest('details:not([open]) > :not(summary)')) return []
        control.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' })
        // A control whose label goes over two lines is pressed on the first.
        const { left, top, right, bottom } = control.getClientRects()[0]
        const [x, y] = [(left + right) / 2, (top + bottom) / 2]
        const name = control.dataset.testid ?? control.getAttribute('aria-label') ?? control.textContent
        if (x < 0 || y < 0 || x > innerWidth || y > innerHeight)
          return [`${name} is at ${Math.round(x)}, ${Math.round(y)} of ${innerWidth} × ${innerHeight}`]
        const hit = document.elementFromPoint(x, y)
        if (
          hit &&
          (control.contains(hit) || hit.contains(control) || hit.closest('label')?.contains(control))
        )
          return []
        return [`${name} lies under ${hit?.outerHTML.slice(0, 100)}`]
      }),
    )
  }, selector)

/** Words that lie on a plot which is not their own, each as "words on plot". */
export const wordsOnPlots = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    interface Box {
      left: number
      top: number
      right: number
      bottom: number
    }
    /** What is seen of an element: its box within all that cuts it off. */
    const seen = (element: Element): Box => {
      let { left, top, right, bottom } = element.getBoundingClientRect()
      for (let around = element.parentElement; around; around = around.parentElement) {
        if (getComputedStyle(around).overflow === 'visible') continue
        const box = around.getBoundingClientRect()
        left = Math.max(left, box.left)
        top = Math.max(top, box.top)
        right = Math.min(right, box.right)
        bottom = Math.min(bottom, box.bottom)
      }
      return { left, top, right, bottom }
    }
    const overlap = (a: Box, b: Box) =>
      Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
      Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top))
    const picture = document.querySelector('[data-testid="picture"]')!
    const plots = [...picture.querySelectorAll('canvas, svg[role="img"]')]
    const words = [...picture.querySelectorAll('*')].filter(
      (element) =>
        !element.closest('svg, .svelte-flow, .visually-hidden') &&
        getComputedStyle(element).visibility !== 'hidden' &&
        [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent!.trim()),
    )
    return plots.flatMap((plot) =>
      words
        .filter((element) => !element.contains(plot) && overlap(seen(element), seen(plot)) > 4)
        .map((element) => `"${element.textContent!.trim().slice(0, 60)}" on ${plot.outerHTML.slice(0, 80)}`),
    )
  })

/** The picture's share of the window's area. */
export const pictureShare = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { width, height } = document.querySelector('[data-testid="picture"]')!.getBoundingClientRect()
    return (width * height) / (innerWidth * innerHeight)
  })
