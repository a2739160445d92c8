import * as fs from 'node:fs'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'vitest'
import { defaultExperiment } from '../../shared/settings/table'
import { METRICS_FORMATS } from '../../main/export/metrics/formats'
import { metricsFiles } from '../../main/export/metrics/write-metrics'
import { zipBytes } from '../../main/export/zip'
import { reportFile } from '../../main/report/write-report'
import { openRunLibrary } from '../../main/runs/library'
import { newRun, outcome } from '../runs/runs'
import { browserTests } from './browser'

// Two runs and the user's words on their way into a report: written in Runs, kept, saved, and opened as a file of its
// own, where nothing of what they say is more than text.

const tests = browserTests()

const HOSTILE = '<img src=x onerror="document.title=1"> **bold**'

tests.check('a report is written in Runs, kept, and opens offline as what was said', async () => {
  const library = openRunLibrary(tests.data)
  const experiment = { ...defaultExperiment(), remedies: ['rsqrt2'] }
  const { id } = await library.keep(newRun({ name: 'one <b>', experiment }), outcome())
  await library.close()
  const { page } = await tests.openHost()
  const byId = (name: string) => page.getByTestId(name)
  await byId('tab-runs').click()
  await page.locator(`[data-run="${id}"]`).click()
  await byId('run-report').click()
  await expect
    .poll(() => byId('report-methods').innerText())
    .toMatch(/^We looked at residual networks of 20 blocks/)
  await expect.poll(() => byId('report-bibtex').innerText()).toContain('@misc{residuallab-1.2.3,')
  await byId('report-prose').fill(HOSTILE)
  await byId(`report-note-${id}`).fill('What *it* says')
  await byId('report-note-' + id).press('Tab')
  await expect.poll(() => openRunLibrary(tests.data).open(id).entry.note).toBe('What *it* says')

  const coming = page.waitForEvent('download')
  await byId('report-save-html').click()
  const download = await coming
  expect(download.suggestedFilename()).toBe(`report-${id}.html`)
  const file = path.join(tests.data, 'report.html')
  await download.saveAs(file)
  expect(fs.readFileSync(file, 'utf8')).not.toContain('<img')
  const read = await page.context().newPage()
  await read.goto(pathToFileURL(file).href)
  expect(await read.title()).toBe('Report on one <b>')
  await expect
    .poll(() => read.locator('main > p').first().innerText())
    .toBe('<img src=x onerror="document.title=1"> bold')
  await expect.poll(() => read.locator('figure .light svg').first().isVisible()).toBe(true)
  await read.emulateMedia({ colorScheme: 'dark' })
  await expect.poll(() => read.locator('figure .light svg').first().isVisible()).toBe(false)
  await expect.poll(() => read.locator('figure .dark svg').first().isVisible()).toBe(true)
  await read.close()

  // On pages, as the command writes them.
  const pages = page.waitForEvent('download')
  await byId('report-save-pdf').click()
  const pdf = path.join(tests.data, 'report.pdf')
  await (await pages).saveAs(pdf)
  const documents = [openRunLibrary(tests.data).open(id)]
  const request = { title: '', prose: HOSTILE, runs: documents }
  expect(fs.readFileSync(pdf).equals(await reportFile(request, 'pdf'))).toBe(true)
  await byId('report-close').click()

  // Its numbers, likewise; a folder as a .zip.
  if (!(await byId('run-detail').isVisible())) await byId('toggle-detail').click()
  for (const form of METRICS_FORMATS) {
    const numbers = page.waitForEvent('download')
    await byId(`run-numbers-${form.name}`).click()
    const got = path.join(tests.data, `numbers.${form.name}`)
    await (await numbers).saveAs(got)
    const files = metricsFiles(openRunLibrary(tests.data), id, form)
    const expected = form.is === 'file' ? [...files.values()][0]! : await zipBytes(files)
    expect(fs.readFileSync(got).equals(expected), form.name).toBe(true)
  }

  // The words are there after a reload.
  await expect
    .poll(() => fs.readFileSync(path.join(tests.data, 'workspace.json'), 'utf8'))
    .toContain('**bold**')
  await page.reload()
  await byId('tab-runs').click()
  await page.locator(`[data-run="${id}"]`).click()
  await byId('run-report').click()
  await expect.poll(() => byId('report-prose').inputValue()).toBe(HOSTILE)
  await expect.poll(() => byId(`report-note-${id}`).inputValue()).toBe('What *it* says')
})
