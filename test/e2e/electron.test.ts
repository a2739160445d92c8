import * as fs from 'node:fs'
import * as path from 'node:path'
import { describe, expect } from 'vitest'
import { byId, finished, workbenchChecks } from './checks'
import { electronHost } from './electron-host'
import { outOfReach, unreachable, wordsOnPlots } from './layout'

describe('the workbench in Electron', () => {
  const { check, data } = workbenchChecks(electronHost)

  check('the page is shut in: no Node, no other address, no second window, no permission', async (page) => {
    const found = await page.evaluate(async () => ({
      node: typeof (globalThis as { require?: unknown }).require,
      process: typeof (globalThis as { process?: unknown }).process,
      bridge: Object.keys((window as unknown as { residualLab: object }).residualLab),
      origin: location.origin,
      opened: window.open('https://example.org') === null,
      notification: await Notification.requestPermission(),
      elsewhere: await fetch('https://example.org').then(
        () => 'reached',
        () => 'refused',
      ),
    }))
    expect(found).toEqual({
      node: 'undefined',
      process: 'undefined',
      bridge: ['post', 'subscribe'],
      origin: 'app://residual-lab',
      opened: true,
      notification: 'denied',
      elsewhere: 'refused',
    })
  })

  check('a start without Chromium’s sandbox is said until it has been read', async (page, { app }) => {
    const isOff = await app.evaluate(({ app }) => app.commandLine.hasSwitch('no-sandbox'))
    if (isOff) {
      await expect.poll(() => byId(page, 'host-warning').innerText()).toContain('sandbox is off')
      await byId(page, 'host-warning').getByRole('button').click()
    }
    expect(await byId(page, 'host-warning').count()).toBe(0)
  })

  check('the menu does what the page’s own buttons do', async (page, { app }) => {
    const choose = (id: string) =>
      app.evaluate(({ Menu }, id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.click(), id)
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme)
    const before = await theme()
    await choose('toggle-theme')
    await expect.poll(theme).not.toBe(before)

    const seed = () => byId(page, 'setting-seed').inputValue()
    const first = await seed()
    const other = String(Number(first) + 1)
    await byId(page, 'setting-seed').fill(other)
    await choose('undo')
    await expect.poll(seed).toBe(first)
    await choose('redo')
    await expect.poll(seed).toBe(other)
    await finished(page)
    await choose('play')
    await finished(page)
  })

  check('the menu has every view, in the order of the tabs, and shows it', async (page, { app }) => {
    const items = await app.evaluate(({ Menu }) => {
      const views = Menu.getApplicationMenu()!.items.find(({ label }) => label === '&View')!.submenu!.items
      return views
        .filter(({ id }) => id?.startsWith('tab-'))
        .map(({ id, label, accelerator }) => ({ id, label, accelerator }))
    })
    const tabs = page.locator('nav[aria-label="Views"] button')
    await tabs.first().waitFor()
    const shown = await tabs.evaluateAll((all) =>
      all.map((tab, i) => ({
        id: (tab as HTMLElement).dataset.testid,
        label: tab.textContent,
        // The row of digits, and the two keys beside it.
        accelerator: '1234567890-='[i],
      })),
    )
    expect(items).toEqual(shown)
    for (const { id } of [...items.slice(1), items[0]]) {
      await app.evaluate(({ Menu }, id) => Menu.getApplicationMenu()!.getMenuItemById(id)!.click(), id)
      await expect.poll(() => byId(page, id).getAttribute('aria-current')).toBe('page')
    }
    await page.keyboard.press('2')
    await expect.poll(() => byId(page, 'tab-block').getAttribute('aria-current')).toBe('page')
    await page.keyboard.press('1')
    await finished(page)
  })

  check('saves and opens an experiment with native dialogs', async (page, { app }) => {
    const file = path.join(data, 'saved.json')
    await app.evaluate(({ dialog }, file) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: file, bookmark: '' })
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file], bookmarks: [] })
    }, file)
    await byId(page, 'setting-seed').fill('78')
    await byId(page, 'save').click()
    await expect.poll(() => byId(page, 'announcement').innerText()).toBe(`Saved ${file}.`)
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ version: 1, seed: 78 })

    await byId(page, 'setting-seed').fill('79')
    await byId(page, 'open').click()
    await expect.poll(() => byId(page, 'setting-seed').inputValue()).toBe('78')
    await finished(page)
  })

  check(
    'exports the network of a run to where the dialog says, once it may replace',
    async (page, { app }) => {
      const folder = path.join(data, 'exported')
      const answering = (response: number) =>
        app.evaluate(
          ({ dialog }, { filePath, response }) => {
            dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath, bookmark: '' })
            dialog.showMessageBox = () => Promise.resolve({ response, checkboxChecked: false })
          },
          { filePath: folder, response },
        )
      await finished(page)
      await page.getByTestId('chart-run').first().click()
      if (!(await byId(page, 'run-detail').isVisible())) await byId(page, 'toggle-detail').click()
      await byId(page, 'run-export-network').click()
      await byId(page, 'export-format-tfjs').check()
      await answering(0)
      await byId(page, 'export-start').click()
      await expect.poll(() => byId(page, 'export-place').innerText()).toBe(folder)
      await expect
        .poll(() => byId(page, 'export-proof').innerText())
        .toContain('opened again by TensorFlow.js')
      expect(fs.readdirSync(folder).sort()).toEqual([
        ...['README.md', 'export.json', 'model.js', 'model.json', 'proof.json', 'weights.bin'],
      ])
      // What is there stays where the question is answered so.
      const before = fs.statSync(path.join(folder, 'model.json')).ino
      await answering(1)
      await byId(page, 'export-start').click()
      await expect.poll(() => byId(page, 'export-start').isVisible()).toBe(true)
      expect(fs.statSync(path.join(folder, 'model.json')).ino).toBe(before)
      await answering(0)
      await byId(page, 'export-start').click()
      await expect.poll(() => fs.statSync(path.join(folder, 'model.json')).ino).not.toBe(before)
      await expect.poll(() => byId(page, 'export-proof').count()).toBe(1)
      await byId(page, 'export-dialog-close').click()
      await page.keyboard.press('1')
    },
  )

  check('copies the command line to the clipboard', async (page, { app }) => {
    await byId(page, 'copy-command').click()
    await expect
      .poll(() => app.evaluate(({ clipboard }) => clipboard.readText()))
      .toContain('residual-lab signal')
  })

  check('at 150 % zoom Play, Stop and progress stay in reach, and every control', async (page, { app }) => {
    const zoom = (factor: number) =>
      app.evaluate(
        ({ BrowserWindow }, factor) => BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(factor),
        factor,
      )
    // What the check before has announced goes by itself.
    await expect.poll(() => page.locator('.notice').count(), { timeout: 20_000 }).toBe(0)
    const width = await page.evaluate(() => innerWidth)
    await zoom(1.5)
    await expect.poll(() => page.evaluate(() => innerWidth)).toBeLessThan(0.7 * width)
    for (const view of ['lesion', 'signal']) {
      await byId(page, `tab-${view}`).click()
      await byId(page, 'bar').waitFor()
      // Charts are drawn anew once the window's new size has been seen.
      await expect.poll(() => outOfReach(page)).toEqual([])
      await expect.poll(() => wordsOnPlots(page)).toEqual([])
      const regions = 'header, [data-testid="picture"], [data-testid="bar"]'
      await expect.poll(() => unreachable(page, regions)).toEqual([])
    }
    await zoom(1)
    await expect.poll(() => page.evaluate(() => innerWidth)).toBe(width)
  })

  check('remembers the window', async (_page, { app }) => {
    const bounds = { x: 40, y: 30, width: 1100, height: 700 }
    await app.evaluate(
      ({ BrowserWindow }, bounds) => BrowserWindow.getAllWindows()[0]!.setBounds(bounds),
      bounds,
    )
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.emit('close'))
    const remembered = () =>
      (JSON.parse(fs.readFileSync(path.join(data, 'windows.json'), 'utf8')) as { windows: unknown[] }).windows
    await expect.poll(remembered).toMatchObject([{ bounds: { width: 1100, height: 700 } }])
  })

  // Last, because Playwright goes on waiting for the page that never comes.
  check('the page stays where it is', async (_page, { app }) => {
    const result = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents
      return new Promise((resolve) => {
        contents.once('will-navigate', (event) => resolve([event.defaultPrevented, contents.getURL()]))
        void contents.executeJavaScript('location.href = "https://example.org"')
      })
    })
    expect(result).toEqual([true, 'app://residual-lab/'])
  })
})
