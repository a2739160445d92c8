import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { labFolder } from './lab-folder'

const { folder, inFolder, lab } = labFolder('import')
beforeAll(() => {
  // Adam remembers two numbers of each parameter, which no export holds.
  const line =
    'train --blocks 3 --width 12 --batch 16 --remedies none,batch-norm --steps 20 --seeds 2 --optimizer adam'
  expect(lab(`${line} --name trained`).status).toBe(0)
  expect(lab('signal --blocks 3 --width 12 --batch 16 --keep --name measured').status).toBe(0)
  expect(lab('export trained --series 2 --format pytorch --out torch').status).toBe(0)
}, 120_000)

const json = <T>(line: string): T => JSON.parse(lab(`${line} --json`).stdout) as T
const runs = () => json<{ runs: { run: string }[] }>('runs list').runs.map(({ run }) => run)

test('an export becomes a run again, and is exported, lesioned and measured as before', () => {
  const { run, difference, table, from } = json<{
    run: string
    difference: number
    table: { rows: object[]; missing: object[]; unused: object[] }
    from: { name: string; steps: number }
  }>('import torch --name back')
  expect([difference, table.rows.length, table.missing, table.unused]).toEqual([0, 22, [], []])
  expect(from).toMatchObject({ name: 'trained', steps: 20 })
  const shown = json<{ note: string; state: string; steps: object; experiment: object }>(`runs show ${run}`)
  expect(shown).toMatchObject({
    state: 'finished',
    steps: { done: 20 },
    experiment: { remedies: ['batch-norm'] },
  })
  expect(shown.note).toContain('Imported from torch (safetensors): replica 1 of network 2 of the run')
  expect(lab('export back --format pytorch --out again').status).toBe(0)
  expect(fs.readFileSync(inFolder('again', 'model.safetensors'))).toEqual(
    fs.readFileSync(inFolder('torch', 'model.safetensors')),
  )
  expect(lab('paths --run back --json').status).toBe(0)
})

test('all replicas come back as one run, which is lesioned as the one that they are of', () => {
  expect(lab('export trained --series 1 --format onnx --replica all --out all').status).toBe(0)
  expect(json<{ replicas: number }>('import all --name both').replicas).toBe(2)
  type Lesions = { series: { intact: object; lesions: object[] }[] }
  const [before, after] = ['trained', 'both'].map((run) => json<Lesions>(`lesion --run ${run} --each delete`))
  expect(after.series[0]).toMatchObject({ intact: before.series[0].intact })
})

test('a run’s .zip is taken as runs import takes it', () => {
  expect(lab('runs export trained trained.zip').status).toBe(0)
  const { run, kind } = json<{ run: string; kind: string }>('import trained.zip --name zipped')
  expect(kind).toBe('train')
  expect(runs()).toContain(run)
})

test('weights for a run’s architecture, with what matched shape by shape', () => {
  fs.copyFileSync(inFolder('torch', 'model.safetensors'), inFolder('mine.safetensors'))
  const before = runs()
  const look = lab('import mine.safetensors --run trained --series 2 --look')
  expect(look.stdout).toMatch(/^in the file +shape +in the lab +shape +by/)
  expect(look.stdout).toContain('22 arrays by name; 5 transposed from [out, in].\nIt can be imported.\n')
  expect(runs()).toEqual(before)
  const { run, from } = json<{ run: string; from: null }>('import mine.safetensors --run trained --series 2')
  expect(from).toBeNull()
  expect(lab(`export ${run} --format pytorch --out mine`).status).toBe(0)
  const described = 'import mine.safetensors --blocks 3 --width 12 --remedies batch-norm --look --json'
  expect(JSON.parse(lab(described).stdout)).toMatchObject({
    run: null,
    problem: null,
    network: 'Type 2 + batch norm',
  })
})

test.each([
  ['import nowhere', 'PATH: there is no nowhere. Give a file or folder that is there.'],
  [
    'import mine.safetensors',
    'mine.safetensors: it holds weights, and does not say of which network. ' +
      'Name a run of the same architecture with --run, or describe it by the options of train.',
  ],
  [
    'import mine.safetensors --run trained',
    '--series: there are 2 networks. Give a whole number from 1 to 2.',
  ],
  [
    'import mine.safetensors --run trained --width 3',
    '--width: the run says it already. Leave --width out, or --run.',
  ],
  ['import torch --series 2', '--series: the export says it already. Leave --series out, or name a run.'],
  [
    'import mine.safetensors --blocks 3 --width 13 --remedies batch-norm',
    'mine.safetensors: "stem.stem.weight": expected [13, 40], found [12, 40] in "stem.weight". ' +
      'Name a run of the same architecture.',
  ],
])('%s', (line, message) => {
  const before = runs()
  const { status, stdout, stderr } = lab(line)
  expect(stderr).toBe(`${message}\n`)
  expect([status, stdout]).toEqual([2, ''])
  expect(runs()).toEqual(before)
  expect(fs.readdirSync(inFolder('data', 'runs')).filter((name) => name.startsWith('.'))).toEqual([])
})

test('what an export lacks is said', () => {
  expect(lab('export trained --series 2 --format onnx --fold --out folded.onnx').status).toBe(2)
  expect(lab('export measured --format onnx --out measured.onnx').status).toBe(0)
  expect(lab('import measured.onnx').stderr).toMatch(
    /^measured\.onnx: it holds a network as "[a-z]+-\d+" has drawn it, without outputs to train\. /,
  )
  const file = inFolder('torch', 'proof.json')
  const proof = fs.readFileSync(file, 'utf8')
  fs.writeFileSync(file, proof.replace(/("outputs": \[\s*\[\s*)-?[\d.e-]+/, '$17.5'))
  expect(lab('import torch').stderr).toMatch(/^proof\.json: its weights do not give the outputs/)
  fs.writeFileSync(file, proof)
})

test('an export as a page hands it over, in a .zip', () => {
  const zip = (name: string, ...files: string[]) =>
    spawnSync('python3', ['-m', 'zipfile', '-c', name, ...files], { cwd: folder }).status
  expect(lab('export trained --series 1 --format tfjs --replica all --out pages').status).toBe(0)
  expect([zip('torch.zip', 'torch'), zip('pages.zip', 'pages/replica-1', 'pages/replica-2')]).toEqual([0, 0])
  expect(json<{ difference: number }>('import torch.zip --look')).toMatchObject({
    form: 'safetensors',
    problem: null,
  })
  expect(json<{ replicas: number }>('import pages.zip')).toMatchObject({ replicas: 2, difference: 0 })
})
