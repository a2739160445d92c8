import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataFolder, removeDataFolder, type Bench, type BenchHost } from './bench'
import { browserHost } from './browser-host'

const LONG = 120_000

/** The queue in the browser host's page, over the end of the host and its next start. */
describe('the queue', () => {
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

  const byId = (id: string) => bench!.page.getByTestId(id)
  const texts = async (id: string) =>
    (await byId(id).allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))
  /** The entries as they are listed: their seeds are in no name, their widths are. */
  const widths = async () => (await texts('queue-entry')).map((text) => /width (\d+)/.exec(text)?.[1])
  const states = () =>
    byId('queue-entry').evaluateAll((rows) => rows.map((row) => (row as HTMLElement).dataset.state))
  const poll = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: LONG })

  test(
    'two trainings are added, reordered, and done after the host was closed and started again',
    async ({ skip }) => {
      if (host.missing || !bench) return skip(host.missing ?? 'no host')
      await byId('setting-replicas').fill('2')
      await byId('setting-blocks').fill('2')
      await byId('tab-train').click()
      await byId('setting-trainReplicas').fill('2')
      await byId('setting-steps').fill('3000')
      for (const width of ['16', '12']) {
        await byId('setting-width').fill(width)
        await byId('setting-width').press('Enter')
        await byId('train-queue').click()
        await poll(() => byId('announcement').innerText()).toContain(`width ${width}`)
      }
      await byId('shelf-queue').click()
      await poll(widths).toEqual(['16', '12'])
      await poll(states).toEqual(['running', 'waiting'])
      // Held, both wait, and the second goes before the first.
      await byId('queue-pause-all').click()
      await poll(() => byId('queue-pause-all').innerText()).toBe('Resume the queue')
      await poll(states).toEqual(['waiting', 'waiting'])
      await byId('queue-up').nth(1).click()
      await poll(widths).toEqual(['12', '16'])
      // The keyboard has stayed where it was; off the list and back by Undo.
      await byId('queue-remove').first().click()
      await poll(widths).toEqual(['16'])
      await byId('queue-undo').click()
      await poll(widths).toEqual(['12', '16'])
      await byId('queue-pause-all').click()
      await poll(async () => (await states())[0]).toBe('running')
      expect(bench.problems).toEqual([])
      await bench.close()

      bench = await host.open({ data })
      await byId('tab-runs').click()
      await byId('runs-queue').click()
      await poll(states).toEqual(['done', 'done'])
      // What ended last stands first.
      await expect.poll(() => widths()).toEqual(['16', '12'])
      await byId('queue-show').first().click()
      // Newest first: the training that was held keeps the place of its beginning, if it had begun to learn.
      const rows = /width 16[^]*width 12|width 12[^]*width 16/
      await poll(() => byId('runs-rows').innerText()).toMatch(rows)
      await bench.page.keyboard.press('q')
      await byId('queue-clear').click()
      await poll(() => byId('queue-entry').count()).toBe(0)
      expect(bench.problems).toEqual([])
    },
    4 * LONG,
  )

  test(
    'a survey of lesions is added as the two jobs that Play does, and both are done',
    async ({ skip }) => {
      if (host.missing || !bench) return skip(host.missing ?? 'no host')
      await bench.page.keyboard.press('Escape')
      await byId('tab-lesion').click()
      await byId('lesion-replicas').fill('2')
      await byId('lesion-queue').click()
      await poll(() => byId('announcement').innerText()).toContain('In the queue: lesion')
      await byId('shelf-queue').click()
      await poll(states).toEqual(['done', 'done'])
      expect((await texts('queue-entry')).every((text) => /lesion/.test(text))).toBe(true)
      expect(bench.problems).toEqual([])
    },
    4 * LONG,
  )
})
