import * as fs from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { labFolder } from './lab-folder'

const { folder, inFolder, lab } = labFolder('export')
beforeAll(() => {
  expect(lab(`train ${SMALL} --remedies none,batch-norm --steps 20 --seeds 2 --name trained`).status).toBe(0)
  expect(lab(`signal ${SMALL} --replicas 2 --keep --name measured`).status).toBe(0)
}, 120_000)

const SMALL = '--blocks 3 --width 12 --batch 16'

const bytes = (...names: string[]) => fs.readFileSync(inFolder(...names))

test('a trained network goes out whole, with its proof, and the same byte for byte', () => {
  const document = lab('export trained --series 2 --format pytorch --out a --licence MIT --json')
  expect(JSON.parse(document.stdout)).toMatchObject({
    ...{ version: 1, format: 'pytorch' },
    exports: [
      {
        path: inFolder('a'),
        series: 2,
        replica: 1,
        network: 'Type 2 + batch norm',
        proof: { relativeDifference: 0 },
      },
    ],
  })
  const names = ['README.md', 'export.json', 'model.py', 'model.safetensors', 'proof.json']
  expect(fs.readdirSync(inFolder('a')).sort()).toEqual(names)
  expect(JSON.parse(bytes('a', 'export.json').toString())).toMatchObject({
    ...{ version: 1, format: 'pytorch', licence: 'MIT', series: 2, replica: 1, numbers: 'float32' },
    run: { name: 'trained', kind: 'train' },
    experiment: { remedies: ['none', 'batch-norm'] },
  })
  expect(bytes('a', 'README.md').toString()).toContain('Licence of the weights: MIT.')
  expect(lab('export trained --series 2 --format pytorch --out b --licence MIT').status).toBe(0)
  for (const name of names) expect(bytes('b', name)).toEqual(bytes('a', name))
})

test('all replicas, and a measured network, in one file each', () => {
  const all = lab('export trained --series 1 --format onnx --replica all --out all --json')
  const { exports } = JSON.parse(all.stdout) as { exports: { path: string; replica: number }[] }
  expect(exports.map((one) => one.path)).toEqual([
    inFolder('all', 'replica-1.onnx'),
    inFolder('all', 'replica-2.onnx'),
  ])
  expect(bytes('all', 'replica-1.onnx')).not.toEqual(bytes('all', 'replica-2.onnx'))
  expect(lab('export measured --format onnx --out measured.onnx').stdout).toMatch(
    /^Type 2, replica 1: .*measured\.onnx\nopened again: the largest difference is \d\.\de-\d of the largest output\n$/,
  )
  const half = lab('export measured --format onnx --float16 --out half.onnx')
  expect(half.status).toBe(0)
  expect(bytes('half.onnx').length).toBeLessThan(bytes('measured.onnx').length)
})

describe('what cannot be exported is refused in one line, and nothing is left', () => {
  test.each([
    [
      'export trained --format pytorch --out x',
      '--series: "%RUN%" has 2 networks. Choose one: 1 (Type 2), 2 (Type 2 + batch norm).',
    ],
    [
      'export trained --series 3 --format pytorch --out x',
      '--series: "%RUN%" has no series 3. It has 1 (Type 2), 2 (Type 2 + batch norm).',
    ],
    [
      'export measured --replica 3 --format pytorch --out x',
      '--replica: the run has no replica 3. Give a whole number from 1 to 2, or all.',
    ],
    [
      'export measured --replica no --format pytorch --out x',
      '--replica: "no" is not a number of one. Give a whole number from 1, or all.',
    ],
    ['export measured --format onx --out x', '--format: there is no format "onx". Did you mean "onnx"?'],
    ['export measured --format onnx', '--out: it is missing. Say where the export goes.'],
    ['export mesured --format onnx --out x', 'RUN: there is no run "mesured". Did you mean "measured"?'],
    [
      'export measured --format onnx --out no/x',
      '--out: there is no folder %FOLDER%/no. Make it first, or give another path.',
    ],
    ['code --framework torch', '--framework: there is no framework "torch". Did you mean "pytorch"?'],
    [
      'code --framework pytorch --remedies none,rsqrt2',
      '--block: 2 networks are asked for, and code is that of one. Choose one block and one remedy.',
    ],
  ])('%s', (line, message) => {
    const { status, stdout, stderr } = lab(line)
    const { runs } = JSON.parse(lab('runs list --json').stdout) as { runs: { run: string; name: string }[] }
    const id = runs.find(({ name }) => name === 'trained')!.run
    expect(stderr).toBe(`${message.replace('%RUN%', id).replace('%FOLDER%', folder)}\n`)
    expect([status, stdout]).toEqual([2, ''])
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('.') || name === 'x')).toEqual([])
  })

  test('what is there gives way to --force alone, and only where it is an export', () => {
    fs.mkdirSync(inFolder('mine'))
    fs.writeFileSync(inFolder('mine', 'thesis.txt'), 'years')
    const refused = lab('export measured --format pytorch --out mine --force')
    expect([refused.status, refused.stderr]).toEqual([
      2,
      `--out: ${inFolder('mine')} is a folder that holds no export. Give another path, or empty it.\n`,
    ])
    expect(bytes('mine', 'thesis.txt').toString()).toBe('years')
    // Also where it lies in an export.
    expect(lab('export measured --format pytorch --out shared').status).toBe(0)
    fs.writeFileSync(inFolder('shared', 'thesis.txt'), 'years')
    expect(lab('export measured --format pytorch --out shared --force').status).toBe(2)
    expect(bytes('shared', 'thesis.txt').toString()).toBe('years')
    expect(lab('export measured --format pytorch --out taken').status).toBe(0)
    const again = lab('export measured --format pytorch --out taken --replica 2')
    expect(again.stderr).toBe(
      `--out: ${inFolder('taken')} is there already. Give another path, or --force to replace it.\n`,
    )
    expect(lab('export measured --format pytorch --out taken --replica 2 --force').status).toBe(0)
    expect(JSON.parse(bytes('taken', 'export.json').toString())).toMatchObject({ replica: 2 })
  })
})

test.each([
  ['pytorch', 'code-torch', ['code-torch', 'model.py']],
  ['keras', 'code.keras', ['code.py']],
  ['tfjs', 'code-tfjs', ['code-tfjs', 'model.js']],
])('code of %s is the text that the export holds', (framework, out, file) => {
  expect(lab(`export trained --series 1 --format ${framework} --out ${out}`).status).toBe(0)
  const { stdout } = lab(`code --framework ${framework} ${SMALL} --head`)
  expect(stdout).toBe(bytes(...file).toString())
  const { code } = JSON.parse(lab(`code --framework ${framework} ${SMALL} --json`).stdout) as { code: string }
  expect(code).not.toMatch(/self\.(output|logits)|const output =/)
})

describe('what lies beside a .keras file', () => {
  test('has its name, or is one for all replicas', () => {
    fs.mkdirSync(inFolder('beside'))
    expect(lab('export measured --format keras --out beside/net.keras').status).toBe(0)
    expect(fs.readdirSync(inFolder('beside'))).toEqual(['net.keras', 'net.py'])
    expect(lab('export measured --format keras --out beside/all --replica all').status).toBe(0)
    const names = ['model.py', 'replica-1.keras', 'replica-2.keras']
    expect(fs.readdirSync(inFolder('beside', 'all'))).toEqual(names)
    expect(bytes('beside', 'all', 'model.py')).toEqual(bytes('beside', 'net.py'))
    expect(lab('export measured --format keras --out beside/all --replica all --force').status).toBe(0)
  })

  test('replaces no file that another has written, not even with --force', () => {
    fs.writeFileSync(inFolder('mine.py'), 'my own')
    const { status, stderr } = lab('export measured --format keras --out mine.keras --force')
    const what = `${inFolder('mine.py')}, which the export puts beside it, is there and is another`
    expect([status, stderr]).toEqual([2, `--out: ${what}. Give another path.\n`])
    expect(bytes('mine.py').toString()).toBe('my own')
    expect(fs.existsSync(inFolder('mine.keras'))).toBe(false)
  })

  test('a name that Keras does not open is refused', () => {
    const { status, stderr } = lab('export measured --format keras --out net.zip')
    const what = 'Keras 3 opens only files whose names end in .keras'
    expect([status, stderr]).toEqual([2, `--out: ${what}. Give ${inFolder('net.zip')}.keras.\n`])
    expect(fs.existsSync(inFolder('net.zip'))).toBe(false)
  })
})

test('weights that are standardised before use: exports say where they have them so', () => {
  expect(lab(`signal ${SMALL} --remedies nf --keep --name nf`).status).toBe(0)
  const said = (format: string) => {
    expect(lab(`export nf --format ${format} --out nf-${format}`).status).toBe(0)
    const { weights } = JSON.parse(bytes(`nf-${format}`, 'proof.json').toString()) as { weights: string }
    const readme = bytes(`nf-${format}`, 'README.md').toString()
    expect(readme).toContain(`- Weights: ${weights}.\n`)
    return [weights, readme.includes('Scaled weight standardisation (Brock et al. 2021)')]
  }
  expect(said('pytorch')).toEqual(['as the run has them', false])
  expect(said('tfjs')).toEqual([expect.stringMatching(/^as they act: .* are standardised already$/), true])
})

test('a folder with a file that exports have, too, is none', () => {
  fs.mkdirSync(inFolder('project'))
  fs.writeFileSync(inFolder('project', 'model.py'), 'my own')
  expect(lab('export measured --format pytorch --out project --force').status).toBe(2)
  expect(bytes('project', 'model.py').toString()).toBe('my own')
})
