import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, runCommand, type Bench, type BenchHost } from './bench'
import { browserHost } from './browser-host'

const LONG = 120_000

/** A sweep in the browser host's page, and the same one on the command line, in one library. */
describe('a sweep', () => {
  let host: BenchHost
  let bench: Bench | undefined
  let data: string

  beforeAll(async () => {
    host = await browserHost()
    data = dataFolder()
    if (!host.missing) bench = await host.open({ data })
  }, LONG)
  afterAll(async () => {
    await bench?.close()
    await host.close()
    removeDataFolder(data)
  }, LONG)

  test(
    'a range typed in the panel is swept, and its runs are those of the command',
    async ({ skip }) => {
      if (host.missing || !bench) return skip(host.missing ?? 'no host')
      const { page } = bench
      const byId = (id: string) => page.getByTestId(id)
      // More than begins by itself: it is said how long it takes as fast as the measurement that the page opens on.
      await expect.poll(() => byId('status').innerText(), { timeout: LONG }).toMatch(/Finished/)
      await byId('setting-blocks').fill('50, 100')
      await byId('setting-gain').fill('0.5..2:7')
      await byId('tab-sweep').click()
      await expect
        .poll(() => byId('sweep-count').innerText(), { timeout: LONG })
        .toMatch(/^14 points, about .* at the last speed$/)
      await byId('tab-signal').click()
      for (const [key, value] of [
        ['width', '8'],
        ['replicas', '2'],
        ['batch', '8'],
        ['blocks', '1, 3'],
      ])
        await byId(`setting-${key}`).fill(value)
      await expect.poll(() => byId('swept-blocks').innerText()).toContain('2 values')
      await byId('setting-gain').fill('0.5..1.5:3')
      await byId('tab-sweep').click()
      await expect.poll(() => byId('sweep-count').innerText(), { timeout: LONG }).toMatch(/^6 points/)
      await expect
        .poll(
          async () => {
            // What is cheap begins by itself; Play does what is left.
            if (await byId('sweep-run').first().isEnabled()) await page.locator('button.primary').click()
            return byId('sweep-count').innerText()
          },
          { timeout: LONG },
        )
        .toContain('6 kept already')
      await byId('toggle-detail').click()
      await expect.poll(() => byId('sweep-point').innerText()).toBe('Point 6')
      await byId('sweep-figure').selectOption('q:last')
      const shown = page.locator('[data-testid="sweep-numbers"] tbody tr').first().locator('[data-mean]')
      await expect.poll(() => shown.count(), { timeout: LONG }).toBe(1)
      const mean = Number(await shown.getAttribute('data-mean'))

      const command = (await byId('sweep-command').getAttribute('data-command'))!.split(' ')
      const { stdout, stderr } = await runCommand(data, [...command.slice(2), '--json'])
      expect(stderr).toContain('6 of 6 points are kept already.')
      const document = JSON.parse(stdout) as { points: { figures: { label: string; value: number }[] }[] }
      const figure = document.points[5].figures.find(({ label }) => /: q at block 3$/.test(label))
      expect(figure?.value).toBe(mean)

      // One number takes it back, and undo brings the range again.
      await byId('tab-signal').click()
      await byId('setting-gain').fill('1')
      await expect.poll(() => byId('swept-gain').count()).toBe(0)
    },
    4 * LONG,
  )
})
