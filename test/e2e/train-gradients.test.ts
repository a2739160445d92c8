import { expect } from 'vitest'
import { formatNumber } from '../../shared/base/format'
import { browserTests } from './browser'

const tests = browserTests()

tests.check(
  'gradients of a kept and of a running training beside their loss, where they are asked for',
  async () => {
    const size = '--blocks 2 --width 8 --batch 16 --steps 20 --replicas 2 --shattering on --name shat'
    const { series } = JSON.parse(await tests.command(`train ${size} --json`)) as {
      series: { curve: { step: number[]; gradientCorrelation: { mean: number[] } } }[]
    }
    const { mean } = series[0].curve.gradientCorrelation
    const [first, last] = [mean[0], mean.at(-1)!].map((value) => formatNumber(value))

    const { page, problems } = await tests.openHost()
    const byId = (id: string) => page.getByTestId(id)
    const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 60_000 })
    await byId('tab-runs').click()
    await page.locator('[data-run]').first().click()
    await byId('run-open').click()
    await poll(() => byId('finding-correlation').textContent()).toContain(`(${first} to ${last})`)
    await poll(() => byId('finding-autocorrelation').textContent()).toMatch(
      /^At step 20 the autocorrelation of dy\/dx /,
    )

    // At the first step it says what is known then.
    await byId('chart-correlation').focus()
    await page.keyboard.press('Home')
    await poll(() => byId('finding-correlation').textContent()).toContain(`correlate by ${first}`)
    await byId('train-lag').locator('[data-value="4"]').click()
    await poll(() => byId('chart-autocorrelation').isVisible()).toBe(true)

    // Left out, the charts are of older settings until networks are trained without them.
    await expect
      .poll(() => byId('train-shattering-cost').innerText())
      .toMatch(/^adds about \d+ % to training/)
    await byId('train-shattering').locator('[data-value="off"]').click()
    await poll(() => byId('train-gradients').getByTestId('update').count()).toBe(2)
    await byId('play').click()
    await poll(() => byId('chart-correlation').count()).toBe(0)
    await poll(() => byId('status').innerText()).toContain('Finished')
    expect(await byId('chart-correlation').count()).toBe(0)
    await byId('train-shattering').locator('[data-value="on"]').click()
    await byId('play').click()
    await poll(() => byId('finding-correlation').textContent()).toContain(`(${first} to ${last})`)
    expect(problems).toEqual([])
  },
)
