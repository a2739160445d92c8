import * as fs from 'node:fs'
import * as path from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, describe, expect } from 'vitest'
import { serve, type Served, type ServeOptions } from '../../main/hosts/browser/serve'
import { nodeTrainer } from '../../main/hosts/lab/supervisor-node'
import { A100, card, gpuSurroundings, type GpuFakes } from '../runtime/gpu-surroundings'
import { surroundings } from '../runtime/surroundings'
import { root } from './bench'
import { browserTests, type OpenPage } from './browser'
import { byId } from './checks'

// The page of the first run and the settings, in a real browser in front of the real host: TensorFlow's library is
// installed from play-things, and the trainer is the tests' own.

let served: Served | undefined
const tests = browserTests(async () => {
  await served?.close()
  served = undefined
})
const { check } = tests

const machine = () => surroundings(path.join(tests.data, 'machine'))

async function host(runtime: ServeOptions['runtime']): Promise<void> {
  const spawn = nodeTrainer(path.join(root, 'test', 'hosts', 'fixture-trainer.cjs'))
  served = await serve({ folder: tests.data, runtime, spawn, page: path.join(root, 'out', 'renderer') })
}

/** A tab of its own; the first one of a host. */
async function openPage(): Promise<OpenPage> {
  const opened = await tests.open(served!.url, ['clipboard-read', 'clipboard-write'])
  opened.page.setDefaultTimeout(10_000)
  await byId(opened.page, 'device').filter({ hasText: 'fixture' }).waitFor({ timeout: 60_000 })
  return opened
}

const library = (page: Page) => byId(page, 'library-dialog')
const saved = () =>
  JSON.parse(fs.readFileSync(path.join(tests.data, 'settings.json'), 'utf8')) as Record<string, unknown>

async function goOnWithout(page: Page): Promise<void> {
  await library(page).waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => library(page).count()).toBe(0)
}

async function openSettings(page: Page): Promise<void> {
  await page.keyboard.press('?')
  await byId(page, 'settings').click()
  await byId(page, 'settings-threads').waitFor()
}

describe('a program that was started with a device', () => {
  check('shows it in place of the setting, and says that it decides', async () => {
    process.env.RESIDUAL_LAB_DEVICE = 'cpu'
    try {
      await host(machine().options({ wheels: {} }))
      const { page } = await openPage()
      await goOnWithout(page)
      await openSettings(page)
      const device = byId(page, 'settings-device')
      await expect.poll(() => device.locator('[aria-pressed="true"]').getAttribute('data-value')).toBe('cpu')
      expect(await device.locator('button:enabled').count()).toBe(0)
      await expect
        .poll(() => byId(page, 'settings-device-from').innerText())
        .toBe(
          'The program was started with the device cpu, by --device or by RESIDUAL_LAB_DEVICE in the environment, ' +
            'and that decides.',
        )
    } finally {
      delete process.env.RESIDUAL_LAB_DEVICE
    }
  })
})

describe('TensorFlow for an NVIDIA GPU', () => {
  let fakes: GpuFakes
  const gpuMachine = async () => (fakes = await gpuSurroundings(path.join(tests.data, 'machine')))
  afterEach(() => fakes.index.close())

  check('one button gets it: sizes before, progress, and it is used without a restart', async () => {
    await gpuMachine()
    await host({ ...fakes.gpuOptions(), gpu: false })
    const { page, problems } = await openPage()
    const words = await byId(page, 'library-gpu').innerText()
    expect(words).toContain('NVIDIA A100-SXM4-80GB, driver 570.86.15.')
    expect(words).toMatch(/\d+ kB to download, 260 kB on the disk\./)
    await byId(page, 'library-gpu').locator('summary').click()
    await expect.poll(() => byId(page, 'library-gpu').innerText()).toContain('nvidia-cudnn-cu12 9.3.0.75')
    fakes.index.delay = 20
    await byId(page, 'library-fetch-gpu').click()
    await byId(page, 'library-progress').waitFor()
    await byId(page, 'library-there').filter({ hasText: 'TensorFlow 2.21.0 for the GPU' }).waitFor()
    expect(await byId(page, 'library-fetch-gpu').count()).toBe(0)
    expect(problems).toEqual([])
  })

  check('a note on the device offers no library where none is published', async () => {
    process.env.FIXTURE_NOTE = 'WebGPU finds no GPU.'
    try {
      await host(machine().options({ wheels: {} }))
      const { page } = await openPage()
      await byId(page, 'library-missing').waitFor()
      await expect.poll(() => byId(page, 'runtime-install').innerText()).toBe('TensorFlow’s library…')
    } finally {
      delete process.env.FIXTURE_NOTE
    }
  })

  check('a note on the device offers to get the library only where it is not there', async () => {
    await gpuMachine()
    process.env.FIXTURE_NOTE = 'WebGPU finds no GPU.'
    try {
      await host({ ...fakes.gpuOptions(), gpu: false })
      const { page } = await openPage()
      await library(page).waitFor()
      const offer = byId(page, 'runtime-install')
      await expect.poll(() => offer.innerText()).toBe('Get TensorFlow…')
      await byId(page, 'library-fetch').click()
      await byId(page, 'library-there').filter({ hasText: 'TensorFlow 2.21.0' }).waitFor()
      await expect.poll(() => offer.innerText()).toBe('TensorFlow’s library…')
    } finally {
      delete process.env.FIXTURE_NOTE
    }
  })

  check('of two cards one is chosen, and kept', async () => {
    await gpuMachine()
    fakes.smi([A100, card(1, 'NVIDIA L4', '8.9')])
    await host({ ...fakes.gpuOptions(), gpu: false })
    const { page } = await openPage()
    await goOnWithout(page)
    await openSettings(page)
    const options = byId(page, 'settings-gpu').locator('option')
    await expect
      .poll(() => options.allInnerTexts())
      .toEqual(['the first', '0: NVIDIA A100-SXM4-80GB, 79.6 GiB', '1: NVIDIA L4, 79.6 GiB'])
    await byId(page, 'settings-gpu').selectOption({ index: 2 })
    await expect.poll(saved).toMatchObject({ gpu: 'GPU-1aaaaaaa-0000-0000-0000-000000000000' })
    await byId(page, 'settings-gpu-memory').fill('8')
    await byId(page, 'settings-gpu-memory').press('Enter')
    await expect.poll(saved).toMatchObject({ gpuMemory: 8 })
  })

  check('a chosen card that was taken out is named, and another can be chosen', async () => {
    await gpuMachine()
    fs.writeFileSync(path.join(tests.data, 'settings.json'), JSON.stringify({ gpu: 'GPU-gone' }))
    await host({ ...fakes.gpuOptions(), gpu: false })
    const { page } = await openPage()
    await goOnWithout(page)
    await openSettings(page)
    const select = byId(page, 'settings-gpu')
    await expect.poll(() => select.locator('option:checked').innerText()).toBe('GPU-gone, which is not here')
    await select.selectOption({ label: 'the first' })
    await expect.poll(saved).toMatchObject({ gpu: null })
    // The one card there is leaves nothing to choose.
    await expect.poll(() => select.count()).toBe(0)
  })

  check('a stopped download is gone on with, and what computes meanwhile stays', async () => {
    await gpuMachine()
    await host({ ...fakes.gpuOptions(), gpu: false })
    const { page } = await openPage()
    fakes.index.delay = 500
    await byId(page, 'library-fetch-gpu').click()
    await expect.poll(() => fakes.index.asked.length).toBeGreaterThan(2)
    await byId(page, 'library-cancel').click()
    await byId(page, 'library-dialog-problem').filter({ hasText: 'was cancelled.' }).waitFor()
    fakes.index.delay = 0
    await byId(page, 'library-fetch-gpu').click()
    await byId(page, 'library-there').filter({ hasText: 'for the GPU' }).waitFor()
    expect(fakes.index.asked.length).toBeLessThan(16)
  })

  check('is not offered where the driver will not do: a sentence says why', async () => {
    await gpuMachine()
    fakes.kernel('470.57.02')
    await host({ ...fakes.gpuOptions(), gpu: false })
    const { page } = await openPage()
    await byId(page, 'library-gpu')
      .filter({
        hasText: 'NVIDIA’s driver 470.57.02 is too old for CUDA 12, which needs 525.60.13 or newer.',
      })
      .waitFor()
    expect(await byId(page, 'library-fetch-gpu').count()).toBe(0)
    await expect.poll(() => byId(page, 'library-fetch').count()).toBe(1)
  })
})

describe('the page of the first run', () => {
  check(
    'says what is missing and its size, and gets it: progress, rate, and no page the next time',
    async () => {
      const fakes = machine()
      await host(fakes.options({}, { FAKE_PIP: 'slow' }))
      const { page, problems } = await openPage()
      await library(page).waitFor()
      const words = await byId(page, 'library-missing').innerText()
      const size = fs.statSync(fakes.wheel).size
      expect(words).toContain(
        `tensorflow-cpu 2.21.0, the Python wheel: ${Math.round(size / 1000)} kB to download, 20 kB on the disk.`,
      )
      expect(words).toContain(`It goes into ${fakes.cache}, where 1000.0 GB are free.`)
      expect(fakes.downloads()).toEqual([])

      // The keyboard is on the first thing in the dialog; Fetch it is reached by Tab alone.
      await tabTo(page, 'library-fetch')
      await page.keyboard.press('Enter')
      await byId(page, 'library-progress').waitFor()
      await byId(page, 'library-there').filter({ hasText: 'TensorFlow 2.21.0 for the CPU' }).waitFor()
      await page.keyboard.press('Escape')
      await expect.poll(() => library(page).count()).toBe(0)
      await expect.poll(saved).toMatchObject({ welcomed: true })
      await page.reload()
      await byId(page, 'device').filter({ hasText: 'fixture' }).waitFor()
      expect(await library(page).count()).toBe(0)
      expect(problems).toEqual([])
    },
  )

  check('can be cancelled, and found again after the page was loaded anew', async () => {
    const fakes = machine()
    await host(fakes.options({}, { FAKE_PIP: 'hang' }))
    const { page } = await openPage()
    await byId(page, 'library-fetch').click()
    await expect.poll(() => fakes.downloads().length, { timeout: 10_000 }).toBe(1)
    await page.reload()
    await byId(page, 'library-progress').waitFor()
    await byId(page, 'library-cancel').click()
    await byId(page, 'library-dialog-problem')
      .filter({ hasText: 'The installation was cancelled.' })
      .waitFor()
    await expect.poll(() => byId(page, 'library-fetch').isEnabled()).toBe(true)
    expect(fakes.downloads()).toHaveLength(1)
  })

  check('offline: says what is wrong, and the other two ways remain', async () => {
    const fakes = machine()
    await host(fakes.options({}, { FAKE_PIP: 'offline' }))
    const { page } = await openPage()
    await byId(page, 'library-fetch').click()
    const problem = byId(page, 'library-dialog-problem')
    await problem.waitFor()
    await expect.poll(() => problem.innerText()).toMatch(/network/)

    // From a file: in a browser by a command that installs what the page could not name.
    const command = await byId(page, 'library-command').innerText()
    expect(command).toBe(`npx residual-lab runtime install --from FOLDER/${path.basename(fakes.wheel)}`)
    await byId(page, 'library-copy').click()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(command)
    await byId(page, 'library-look').click()
    await byId(page, 'library-dialog-said').filter({ hasText: 'There is none yet.' }).waitFor()

    await byId(page, 'library-without').click()
    await expect.poll(() => library(page).count()).toBe(0)
    await byId(page, 'device').filter({ hasText: 'CPU, fixture' }).waitFor()
    await page.reload()
    await byId(page, 'device').filter({ hasText: 'fixture' }).waitFor()
    await expect.poll(() => library(page).count()).toBe(0)
    // It is to be found again.
    await openSettings(page)
    await byId(page, 'settings-library').click()
    await byId(page, 'library-fetch').waitFor()
  })

  check('where nothing can be installed it says why, and only that one can go on', async () => {
    await host(machine().options({ wheels: {} }))
    const { page } = await openPage()
    await expect
      .poll(() => byId(page, 'library-missing').innerText())
      .toContain('TensorFlow publishes no library that the lab can use on linux-x64.')
    expect(await byId(page, 'library-fetch').count()).toBe(0)
    await tabTo(page, 'library-without')
    await page.keyboard.press('Enter')
    await expect.poll(() => library(page).count()).toBe(0)
  })
})

describe('settings', () => {
  check(
    'threads and memory: saved, the trainer starts again, what is wrong is said, Escape closes',
    async () => {
      await host(machine().options({ wheels: {} }))
      const { page, problems } = await openPage()
      await goOnWithout(page)
      await openSettings(page)
      const threads = byId(page, 'settings-threads')
      await threads.fill('1')
      await threads.press('Enter')
      await byId(page, 'settings-dialog-said').filter({ hasText: 'starts again with it' }).waitFor()
      await expect.poll(saved).toMatchObject({ threads: 1 })

      await byId(page, 'settings-memory').fill('a lot')
      await byId(page, 'settings-memory').press('Enter')
      const problem = byId(page, 'settings-dialog-problem')
      await problem.waitFor()
      await expect
        .poll(() => problem.innerText())
        .toBe('settings.memory: "a lot" is not a number. Give a number from 0.5 to 65536.')
      await expect.poll(() => byId(page, 'settings-memory').inputValue()).toBe('')
      await byId(page, 'settings-memory').fill('1.5')
      await byId(page, 'settings-memory').press('Enter')
      await expect.poll(saved).toMatchObject({ threads: 1, memory: 1.5 })
      await expect.poll(() => problem.count()).toBe(0)
      await expect
        .poll(() => byId(page, 'settings-memory-there').innerText())
        .toMatch(
          /(This machine has|The container of this program may have) [\d.]+ GiB; [\d.]+ GiB are free now\./,
        )
      await expect
        .poll(() => byId(page, 'settings-no-gpu').innerText())
        .toContain('There is no NVIDIA driver here')
      const device = byId(page, 'settings-device')
      await expect.poll(() => device.locator('[data-value="gpu"]').isDisabled()).toBe(true)
      await device.locator('[data-value="cpu"]').click()
      await expect.poll(saved).toMatchObject({ device: 'cpu', threads: 1, memory: 1.5 })

      await threads.fill('')
      await threads.press('Enter')
      await expect.poll(saved).toMatchObject({ threads: null })
      await page.keyboard.press('Escape')
      await expect.poll(() => byId(page, 'settings-dialog').count()).toBe(0)
      expect(problems).toEqual([])
    },
  )

  check(
    'the size of the text holds for the page and its charts, in every tab and at the next start',
    async () => {
      await host(machine().options({ wheels: {} }))
      const { page } = await openPage()
      await goOnWithout(page)
      const sizeOf = (one: Page) =>
        one.evaluate(() => getComputedStyle(document.querySelector('h1')!).fontSize)
      await expect.poll(() => sizeOf(page)).toBe('15px')
      const other = await page.context().newPage()
      await other.goto(page.url())
      await byId(other, 'device').filter({ hasText: 'fixture' }).waitFor()

      // A tab behind another one draws nothing, and takes no keys.
      await page.bringToFront()
      await openSettings(page)
      await byId(page, 'settings-text-size').locator('[data-value="120"]').click()
      await expect.poll(() => sizeOf(page)).toBe('18px')
      await expect.poll(() => sizeOf(other)).toBe('18px')
      await page.reload()
      await expect.poll(() => sizeOf(page)).toBe('18px')
      await openSettings(page)
      await byId(page, 'settings-text-size').locator('[data-value="100"]').click()
      await expect.poll(() => sizeOf(page)).toBe('15px')
    },
  )

  check('settings of a later version are named, followed by nobody and left as they are', async () => {
    const file = path.join(tests.data, 'settings.json')
    const text = '{"version": 2, "threads": 1}'
    fs.writeFileSync(file, text)
    await host(machine().options({ wheels: {} }))
    const { page } = await openPage()
    await goOnWithout(page)
    await openSettings(page)
    await expect
      .poll(() => byId(page, 'settings-problem').innerText())
      .toContain(`The settings in ${file} are not of this version`)
    await byId(page, 'settings-text-size').locator('[data-value="120"]').click()
    await byId(page, 'settings-dialog-problem').filter({ hasText: 'could not be saved' }).waitFor()
    expect(fs.readFileSync(file, 'utf8')).toBe(text)
  })

  check('the data folder, versions and licences; no address is asked that does not exist', async () => {
    await host(machine().options({ wheels: {} }))
    const { page } = await openPage()
    await goOnWithout(page)
    await openSettings(page)
    await byId(page, 'settings-copy-folder').click()
    await byId(page, 'settings-dialog-said').filter({ hasText: 'Copied.' }).waitFor()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(tests.data)
    expect(await byId(page, 'settings-show-folder').count()).toBe(0)
    await expect
      .poll(() => byId(page, 'settings-releases').innerText())
      .toContain('There is no public address')
    await expect
      .poll(() => byId(page, 'settings-version-notice').locator('[data-value="on"]').isDisabled())
      .toBe(true)

    await byId(page, 'open-licence').click()
    await expect.poll(() => byId(page, 'licence-text').innerText()).toContain('MIT License')
    await page.keyboard.press('Escape')
    await byId(page, 'open-notices').click()
    const notices = await byId(page, 'licence-text').innerText()
    for (const part of ['svelte', 'chart.js', '@tensorflow/tfjs']) expect(notices).toContain(part)
    await page.keyboard.press('Escape')
    await expect.poll(() => byId(page, 'licence-dialog').count()).toBe(0)
    await expect.poll(() => byId(page, 'settings-dialog').count()).toBe(1)
  })
})

/** By the Tab key alone. */
async function tabTo(page: Page, testId: string): Promise<void> {
  await byId(page, testId).waitFor()
  for (let i = 0; i < 20; i++) {
    const focused = await page.evaluate(() => document.activeElement?.getAttribute('data-testid'))
    if (focused === testId) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`${testId} is not reached by Tab`)
}
