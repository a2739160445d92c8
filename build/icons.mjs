// node build/icons.mjs: draws build/icon.svg in every size that desktops ask for, with Chromium. The pictures are
// committed, so that packaging needs no browser.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const folder = import.meta.dirname ?? new URL('.', import.meta.url).pathname
const SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
const source = `data:image/svg+xml;base64,${readFileSync(join(folder, 'icon.svg')).toString('base64')}`

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
})
const page = await browser.newPage()
for (const size of SIZES) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>*{margin:0}img{display:block;width:${size}px;height:${size}px}</style><img>`)
  await page.evaluate((src) => {
    const image = document.querySelector('img')
    image.src = src
    return image.decode()
  }, source)
  await page.screenshot({ path: join(folder, 'icons', `${size}x${size}.png`), omitBackground: true })
}
await browser.close()
