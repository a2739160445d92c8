import type { ElectronApplication, Page } from 'playwright-core'
import { vi } from 'vitest'

/**
 * The first window that a person sees. Where there is no library of TensorFlow's, one that nobody sees may be opened
 * before it, for a GPU by WebGPU.
 */
export const windowOf = (app: ElectronApplication): Promise<Page> =>
  vi.waitFor(
    () => {
      const seen = app.windows().find((page) => /^app:\/\/residual-lab\/(?!trainer\.html)/.test(page.url()))
      if (!seen) throw new Error('The application has opened no window.')
      return seen
    },
    { timeout: 60_000, interval: 50 },
  )
