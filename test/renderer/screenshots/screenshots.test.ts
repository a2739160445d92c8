import * as fs from 'node:fs'
import * as path from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TAB_IDS, type TabId } from '../../../shared/protocol/tabs'
import { findChromium } from '../../e2e/browser-host'
import { standInServer } from '../stand-in-server'
import { asFile, compare, fromFile, reduced, type Comparison } from './compare'
import { openContext, openGallery, openView, settled, type Look } from './pages'

/**
 * Every component in all its states and every view, as they look in a real Chromium, against pictures in baselines/.
 * SCREENSHOTS=update npm test -- screenshots   takes the pictures anew; look at them before they are committed.
 */
const root = path.join(import.meta.dirname, '..', '..', '..')
const baselines = path.join(import.meta.dirname, 'baselines')
const results = path.join(root, 'test-results', 'screenshots')
const isUpdate = process.env.SCREENSHOTS === 'update'

const namesIn = (folder: string) =>
  fs
    .readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.svelte'))
    .map((name) => path.basename(name, '.svelte'))
const COMPONENTS = namesIn('renderer/components')
const SECTIONS = namesIn('renderer/gallery/sections')
const THEMES = ['light', 'dark'] as const
const WINDOWS = [
  { width: 1280, height: 800 },
  { width: 1024, height: 700 },
] as const
const OTHER_FONT = 'DejaVu Serif'
/** As tall as the tallest section of the gallery, which is then seen whole. */
const GALLERY = { width: 1280, height: 2000 }

const baselineOf = (name: string) => path.join(baselines, `${name}.png`)
const expectedOf = (name: string) => fromFile(fs.readFileSync(baselineOf(name)))

/** Holds a picture to its baseline, or makes it the baseline. */
function check(name: string, screenshot: Buffer): void {
  const actual = reduced(screenshot)
  if (isUpdate) {
    fs.mkdirSync(baselines, { recursive: true })
    // What looks the same keeps its file: an update shows in a commit only where something has changed.
    const isSame = fs.existsSync(baselineOf(name)) && compare(actual, expectedOf(name)).share === 0
    if (!isSame) fs.writeFileSync(baselineOf(name), asFile(actual))
    return
  }
  if (!fs.existsSync(baselineOf(name)))
    expect.fail(`There is no picture of ${name} yet: SCREENSHOTS=update npm test -- screenshots`)
  const found = compare(actual, expectedOf(name))
  if (found.problem) expect.fail(`${name}: ${found.problem} ${kept(name, screenshot, found)}`)
}

/** Writes what was seen, what was expected and where they differ. @returns where they lie */
function kept(name: string, screenshot: Buffer, { diff }: Comparison): string {
  fs.mkdirSync(results, { recursive: true })
  fs.writeFileSync(path.join(results, `${name}-actual.png`), screenshot)
  fs.copyFileSync(baselineOf(name), path.join(results, `${name}-expected.png`))
  fs.writeFileSync(path.join(results, `${name}-diff.png`), asFile(diff))
  return `See ${path.relative(root, results)}/${name}-actual.png, -expected.png and -diff.png.`
}

describe('every component and every view look as they did', () => {
  const executablePath = findChromium()
  const missing = executablePath ? null : 'no Chromium on the PATH'
  let server: Awaited<ReturnType<typeof standInServer>>
  let browser: Browser

  beforeAll(async () => {
    if (missing) return
    process.env.STAND_IN_AT_ONCE = '1'
    server = await standInServer()
    browser = await chromium.launch({
      executablePath: executablePath!,
      args: ['--no-sandbox', '--disable-gpu'],
    })
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  async function withContext<T>(
    look: Look,
    work: (context: Awaited<ReturnType<typeof openContext>>) => Promise<T>,
  ) {
    const context = await openContext(browser, look)
    try {
      return await work(context)
    } finally {
      await context.close()
    }
  }
  /** Of one gallery, each component with its fault alone. */
  const galleryPictures = (look: Look, wanted: readonly { component: string; fault?: string }[]) =>
    withContext(look, async (context) => {
      const page = await openGallery(context, server.url)
      const pictures: Buffer[] = []
      for (const { component, fault } of wanted) {
        const style = fault && (await page.addStyleTag({ content: fault }))
        pictures.push(await settled(page, page.locator(`[data-component="${component}"]`)))
        if (style) await style.evaluate((element) => (element as Element).remove())
      }
      return pictures
    })
  const viewPicture = (look: Look, id: TabId, fault?: string) =>
    withContext(look, async (context) => {
      const page = await openView(context, server.url, id)
      if (fault) await page.addStyleTag({ content: fault })
      return settled(page)
    })

  test('the gallery shows every component of renderer/components', () => {
    expect(COMPONENTS.filter((name) => !SECTIONS.includes(name))).toEqual([])
  })

  for (const theme of THEMES)
    test(`components, ${theme}`, { timeout: 120_000 }, async ({ skip }) => {
      if (missing) return skip(missing)
      await withContext({ theme, window: GALLERY }, async (context) => {
        const page = await openGallery(context, server.url)
        for (const name of SECTIONS) {
          const section = page.locator(`[data-component="${name}"]`)
          expect(await section.locator('[data-state-shown]').count(), name).toBeGreaterThan(0)
          check(`component-${name}-${theme}`, await settled(page, section))
        }
      })
    })

  for (const id of TAB_IDS)
    for (const theme of THEMES)
      for (const window of WINDOWS)
        test(
          `view ${id}, ${theme}, ${window.width} × ${window.height}`,
          { timeout: 90_000 },
          async ({ skip }) => {
            if (missing) return skip(missing)
            check(`view-${id}-${theme}-${window.width}`, await viewPicture({ theme, window }, id))
          },
        )

  describe('the comparison', () => {
    test('survives another font', { timeout: 90_000 }, async ({ skip }) => {
      if (missing) return skip(missing)
      const font = OTHER_FONT
      const [card, bar] = await galleryPictures({ theme: 'light', window: GALLERY, font }, [
        { component: 'ChartCard' },
        { component: 'JobBar' },
      ])
      const pictures = {
        'component-ChartCard-light': card,
        'component-JobBar-light': bar,
        'view-lesion-light-1280': await viewPicture({ theme: 'light', font }, 'lesion'),
      }
      for (const [name, picture] of Object.entries(pictures)) {
        const found = compare(reduced(picture), expectedOf(name))
        expect(found.problem, `${name} ${found.problem && kept(name, picture, found)}`).toBeNull()
        // The other font was there: letters are other letters.
        expect(found.share, name).toBeGreaterThan(0)
      }
    })

    const FAULTS = {
      'a card without its picture':
        '[data-component="ChartCard"] figure:nth-of-type(2) .plot svg { visibility: hidden }',
      'a missing card': '[data-component="ChartCard"] figure:nth-of-type(5) { display: none }',
      'an unreadable button': '[data-component="ChartCard"] .update { background: var(--ink) !important }',
    }
    test(`catches ${Object.keys(FAULTS).join(', ')}`, { timeout: 120_000 }, async ({ skip }) => {
      if (missing) return skip(missing)
      const wanted = [...Object.values(FAULTS), undefined].map((fault) => ({ component: 'ChartCard', fault }))
      const pictures = await galleryPictures({ theme: 'light', window: GALLERY }, wanted)
      const problems = pictures.map(
        (picture) => compare(reduced(picture), expectedOf('component-ChartCard-light')).problem,
      )
      // Each fault by itself: without any the gallery is as it was.
      expect(problems.pop()).toBeNull()
      for (const [i, name] of Object.keys(FAULTS).entries()) expect(problems[i], name).toContain('differs')
    })
    test('catches a chart missing from a view', { timeout: 60_000 }, async ({ skip }) => {
      if (missing) return skip(missing)
      const fault = '[data-testid="lesion-chart-each-residual"] { visibility: hidden }'
      const picture = await viewPicture({ theme: 'light' }, 'lesion', fault)
      expect(compare(reduced(picture), expectedOf('view-lesion-light-1280')).problem).toContain('differs')
    })
  })
})
