import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect } from 'vitest'
import { browserTests } from './browser'

// Weights become a run on the screen: somebody's file for a known architecture, and an export of the lab.

const LONG = 60_000

const tests = browserTests()

tests.check('weights for a run’s architecture, and an export, become runs', async () => {
  const out = path.join(tests.data, 'exports')
  fs.mkdirSync(out, { recursive: true })
  const torch = path.join(out, 'torch')
  await tests.command(
    'train --blocks 3 --width 12 --batch 16 --remedies none,batch-norm --steps 20 --name mine',
  )
  await tests.command(`export mine --series 2 --format pytorch --out ${torch}`)
  await tests.command(`export mine --series 2 --format keras --out ${path.join(out, 'back.keras')}`)
  const weights = path.join(out, 'weights.safetensors')
  fs.copyFileSync(path.join(torch, 'model.safetensors'), weights)

  const { page } = await tests.openHost()
  const byId = (id: string) => page.getByTestId(id)
  await byId('tab-runs').click()
  const choose = async (file: string) => {
    const [chooser] = await Promise.all([page.waitForEvent('filechooser'), byId('runs-import').click()])
    await chooser.setFiles(file)
  }

  // Whose weights they are is not in the file.
  await choose(weights)
  await expect
    .poll(() => byId('import-problem').innerText(), { timeout: LONG })
    .toBe(
      'weights.safetensors: it holds weights, and does not say of which network. ' +
        'Name a run of the same architecture under Architecture.',
    )
  await expect.poll(() => byId('import-take').isDisabled()).toBe(true)
  const architecture = byId('import-run')
  const [mine] = await architecture.locator('option', { hasText: 'mine' }).all()
  await architecture.selectOption((await mine.getAttribute('value'))!)
  // The first of its networks has no norms: their tensors are left over.
  await expect
    .poll(() => byId('import-facts').innerText(), { timeout: LONG })
    .toBe('safetensors: Type 2. 10 arrays by name; 5 transposed from [out, in]; 12 tensors left over.')
  await byId('import-series').selectOption('2')
  await expect
    .poll(() => byId('import-facts').innerText(), { timeout: LONG })
    .toBe('safetensors: Type 2 + batch norm. 22 arrays by name; 5 transposed from [out, in].')
  await expect.poll(() => byId('import-table').locator('tbody tr').count()).toBe(22)
  await byId('import-take').click()
  await expect.poll(() => byId('import').count(), { timeout: LONG }).toBe(0)
  const selected = page.locator('[data-run][aria-selected="true"]')
  const id = (await selected.getAttribute('data-run'))!
  expect(JSON.parse(await tests.command(`runs show ${id} --json`))).toMatchObject({
    kind: 'train',
    note: expect.stringContaining(
      'Imported from weights.safetensors (safetensors): weights for the architecture of',
    ),
  })

  // An export says all of it.
  await choose(path.join(out, 'back.keras'))
  await expect
    .poll(() => byId('import-facts').innerText(), { timeout: LONG })
    .toMatch(/^Keras: Type 2 \+ batch norm, of the run mine \([a-z]+-\d+\)\. 22 arrays by name\.$/)
  await byId('import-cancel').click()
  await expect.poll(() => byId('import').count()).toBe(0)
})
