import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder } from './bench'
import { electronHost, type ElectronBench } from './electron-host'
import type { BenchHost } from './bench'

const LONG = 120_000

/** The Data view in the application, whose files come by the system's dialog. */
describe('data in Electron', () => {
  let host: BenchHost<ElectronBench>
  let bench: ElectronBench | undefined
  let data: string

  beforeAll(async () => {
    host = await electronHost()
    data = dataFolder()
    if (!host.missing) bench = await host.open({ data })
  }, LONG)
  afterAll(async () => {
    await bench?.close()
    await host.close()
    removeDataFolder(data)
  }, LONG)

  test(
    'a table with a real target is chosen in the dialog, looked at, kept and learnt, in its own unit',
    async ({ skip }) => {
      if (host.missing || !bench) return skip(host.missing ?? 'no host')
      const { app, page, problems } = bench
      const byId = (id: string) => page.getByTestId(id)
      const file = path.join(data, 'Weights of trees.csv')
      const rows = Array.from({ length: 200 }, (_, i) => {
        const [a, b] = [(i * 37) % 101, (i * 53) % 97]
        return `${a / 101},${b / 97},${300 + (400 * a) / 101}`
      })
      fs.writeFileSync(file, `height,width,weight\n${rows.join('\n')}\n`)
      await app.evaluate(({ dialog }, file) => {
        dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [file] }) as never
      }, file)

      await byId('tab-data').click()
      await byId('data-import').click()
      await byId('data-name').waitFor({ timeout: LONG })
      await expect.poll(() => byId('data-name').inputValue()).toBe('weights-of-trees')
      await expect.poll(() => byId('data-target').inputValue()).toBe('weight')
      await byId('data-read').click()
      await byId('data-title').filter({ hasText: 'not kept yet' }).waitFor({ timeout: LONG })
      await page.locator('[data-testid="data-page"] [data-value="labels"]').click()
      await byId('data-view').filter({ hasText: 'weight' }).waitFor({ timeout: LONG })
      await byId('data-keep').click()
      await byId('data-set-weights-of-trees').waitFor({ timeout: LONG })
      await byId('data-train').click()
      await byId('data-set-weights-of-trees').filter({ hasText: 'learnt' }).waitFor()

      await byId('tab-train').click()
      await byId('setting-trainReplicas').fill('2')
      await byId('setting-blocks').fill('3')
      await byId('setting-learningRate').fill('0.005')
      await byId('setting-steps').fill('200')
      await byId('play').click()
      await byId('status').filter({ hasText: 'Finished' }).waitFor({ timeout: LONG })
      const scaled = byId('train-row').filter({ hasText: '1/√2' })
      const value = async (column: string) =>
        Number(await scaled.locator(`[data-column="${column}"]`).getAttribute('data-value'))
      // Weights of 300 to 696 have a standard deviation of about 115.
      const rmse = await value('testRmse')
      expect(rmse).toBeGreaterThan(0)
      expect(rmse).toBeLessThan(100)
      // Of two networks the mean of roots is at most the root of the mean.
      expect(rmse).toBeLessThanOrEqual(117 * Math.sqrt(await value('testLoss')))
      expect(rmse).toBeGreaterThan(80 * Math.sqrt(await value('testLoss')))
      await expect.poll(() => byId('train-sort-testRmse').innerText()).toContain('Test RMSE')
      expect(problems).toEqual([])
    },
    3 * LONG,
  )
})
