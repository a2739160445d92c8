import { formatNumber } from '../../shared/base/format'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, runCommand, type Bench, type BenchHost } from './bench'
import { browserHost } from './browser-host'

const LONG = 120_000

/** The Shatter view with the trained networks of a run, against the command line. */
describe('shatter of trained networks', () => {
  let host: BenchHost
  let bench: Bench | undefined
  let data: string

  beforeAll(async () => {
    host = await browserHost()
    data = dataFolder()
    if (host.missing) return
    await runCommand(
      data,
      'train --data digits --input data --blocks 2 --width 8 --steps 8 --replicas 3 --name mine'.split(' '),
    )
    bench = await host.open({ data })
  }, LONG)
  afterAll(async () => {
    await bench?.close()
    await host.close()
    removeDataFolder(data)
  }, LONG)

  const byId = (id: string) => bench!.page.getByTestId(id)
  const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: LONG })

  test(
    'a kept run is chosen, measured between two test samples, and shows what the command prints',
    async ({ skip }) => {
      if (host.missing || !bench) return skip(host.missing ?? 'no host')
      const { problems } = bench
      await byId('tab-shatter').click()
      const networks = byId('shatter-networks')
      await poll(() => networks.locator('option').count()).toBe(2)
      const option = networks.locator('option').nth(1)
      await expect.poll(() => option.innerText()).toMatch(/^Trained: mine, /)
      await networks.selectOption((await option.getAttribute('value'))!)
      await byId('shatter-from').fill('4')
      await byId('shatter-to').fill('9')
      const command = `npx residual-lab shatter --run ${await networks.inputValue()} --from 4 --to 9`
      await poll(() => byId('shatter-command').getAttribute('data-command')).toBe(command)

      // Of one step there is a table; lags are one press away.
      await poll(() => byId('shatter-learned-table').innerText()).toContain('8')
      await byId('shatter-learned-page').locator('[data-value="lags"]').click()
      const row = byId('shatter-lags-table').locator('tbody tr').first()
      await poll(() => byId('shatter-view').innerText()).toContain(
        'Along the line from test sample 4 to 9 of Digits',
      )
      const printed = JSON.parse((await runCommand(data, [...command.split(' ').slice(2), '--json'])).stdout)
      const { mean, low, high } = printed.series[0].acf
      const cells = [1, 4, 16].map((lag) =>
        `${mean[lag].toFixed(3)} (${low[lag].toFixed(3)} to ${high[lag].toFixed(3)})`.replaceAll('-', '−'),
      )
      await poll(async () => (await row.locator('td').allInnerTexts()).map((text) => text.trim())).toEqual(
        cells,
      )
      await expect.poll(() => byId('shatter-explanation').innerText()).toContain('Trained networks of mine')
      // What is of drawn networks alone is neither asked nor said.
      for (const id of ['shatter-center', 'setting-width', 'shatter-correlation', 'shatter-queue'])
        expect(await byId(id).count(), id).toBe(0)

      // At other steps the networks are trained again.
      await byId('shatter-steps').fill('0, 9')
      await poll(() => byId('job-status').innerText()).toContain(
        'the run’s networks have made 8 updates, and step 9 is beyond them. Give steps from 0 to 8, or last.',
      )
      await byId('shatter-steps').fill('0, x')
      await poll(() => byId('shatter-problem').innerText()).toContain('"x" is no number of updates.')
      await byId('shatter-steps').fill('0, 4, last')
      const timed = `${command} --steps 0,4,last`
      await poll(() => byId('shatter-command').getAttribute('data-command')).toBe(timed)
      await poll(() => byId('shatter-cards').locator('li[data-measured="true"]').count()).toBe(3)
      await byId('shatter-learned-page').locator('[data-value="table"]').click()
      const atSteps = JSON.parse((await runCommand(data, [...timed.split(' ').slice(2), '--json'])).stdout)
      const rows = byId('shatter-learned-table').locator('tbody tr')
      await poll(() => rows.count()).toBe(3)
      for (const [i, one] of atSteps.series.entries()) {
        expect([one.step, one.replayed, one.agrees]).toEqual([[0, 4, 8][i], i < 2, i === 0 ? true : null])
        const cells = (await rows.nth(i).locator('td').allInnerTexts()).map((text) => text.trim())
        expect([cells[0], cells[1]]).toEqual([String(one.step), formatNumber(one.correlation)])
        expect(cells.at(-1)).toBe(`${formatNumber(100 * one.train.error.mean)} %`)
      }
      await byId('shatter-learned-page').locator('[data-value="steps"]').click()
      await expect
        .poll(() => byId('shatter-learned-finding').textContent())
        .toContain('From initialisation to step 8, gradients')
      await expect
        .poll(() => byId('shatter-replay').innerText())
        .toContain('Trained again up to step 4, exactly.')

      // The workspace remembers which run it is, and its line.
      const id = await networks.inputValue()
      await bench.page.reload()
      await poll(() => networks.inputValue()).toBe(id)
      await expect.poll(() => byId('shatter-from').inputValue()).toBe('4')
      await expect.poll(() => byId('shatter-steps').inputValue()).toBe('0, 4, last')
      await poll(() => byId('shatter-command').getAttribute('data-command')).toBe(timed)

      await byId('shatter-to').fill('4')
      await poll(() => byId('shatter-problem').innerText()).toContain('Give two different samples.')
      await byId('shatter-mode').locator('[data-value="regions"]').click()
      await poll(() => byId('shatter-refusal').innerText()).toContain(
        'Linear regions are counted in networks of one input; those of mine have more.',
      )
      await networks.selectOption('')
      await poll(() => byId('regions-finding').textContent()).toContain('in the plain network and ')
      await byId('shatter-mode').locator('[data-value="gradients"]').click()
      await poll(() => byId('shatter-correlation').locator('tbody tr').count()).toBeGreaterThan(2)
      // Drawn networks are what it remembers last.
      await bench.page.reload()
      await poll(() => byId('shatter-correlation').locator('tbody tr').count()).toBeGreaterThan(2)
      await expect.poll(() => networks.inputValue()).toBe('')
      expect(problems).toEqual([])
    },
    3 * LONG,
  )
})
