import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')
let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-network-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

function run(...args: string[]) {
  const options = { encoding: 'utf8', cwd: folder } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], options)
  return { status, stdout, stderr }
}

describe('signal --network', () => {
  test('a preset network, with options beside it', () => {
    const { status, stdout } = run(
      ...['signal', '--json', '--network', 'resnet20-cifar', '--replicas', '1', '--batch', '2'],
    )
    expect(status).toBe(0)
    const { experiment, series } = JSON.parse(stdout)
    expect(experiment).toMatchObject({ blocks: 9, width: 16, input: 'images', replicas: 1, batch: 2 })
    expect(series).toHaveLength(1)
    expect(series[0].block).toBe('original-conv')
    expect(series[0].q.mean).toHaveLength(10)
    expect(series[0].q.mean.every((value: unknown) => typeof value === 'number' && value > 0)).toBe(true)
  })

  test('a file with stages, of any block', () => {
    const stages = [
      { blocks: 2, width: 20 },
      { blocks: 1, width: 30 },
    ]
    fs.writeFileSync(path.join(folder, 'net.json'), JSON.stringify({ stages, shortcut: 'B' }))
    const { status, stdout } = run(
      ...['theory', '--json', '--network', 'net.json', '--block', 'practical,relu-linear'],
    )
    expect(status).toBe(0)
    const { experiment, series } = JSON.parse(stdout)
    expect(experiment.network.stages).toEqual(stages.map((stage) => ({ ...stage, stride: 1 })))
    expect(series.map((one: { block: string }) => one.block)).toEqual(['practical', 'relu-linear'])
  })

  test.each([
    [
      ['--network', 'resnet21-cifar'],
      '--network: there is no network "resnet21-cifar". Did you mean "resnet20-cifar"?',
    ],
    [
      ['--network', 'resnet20-cifar', '--blocks', '3'],
      '--blocks: the network’s stages say it already. Leave --blocks out, or the stages.',
    ],
    [
      ['--network', 'resnet20-cifar', '--block', 'relu-linear'],
      '--network.stages[1]: block "relu-linear" cannot turn 16 × 32 × 32 into 32 × 16 × 16: it gives 32 × ' +
        '32 × 32. Use stride 1, or a block whose layers are convolutions.',
    ],
    [
      ['--block', 'original-conv'],
      '--input: block "original-conv" has 2-D convolutions, and this input has no rows and columns. Use ' +
        'input "images".',
    ],
  ])('%j is bad input', (args, message) => {
    const { status, stderr } = run('signal', ...args)
    expect(status).toBe(2)
    expect(stderr.trim()).toBe(message)
  })
})

test('presets lists the networks with their parameters', () => {
  const { networks } = JSON.parse(run('presets', '--json').stdout)
  const count = (name: string) => networks.find((one: { name: string }) => one.name === name).parameters
  expect(count('resnet20-cifar')).toBe(269722)
  expect(count('resnet1202-cifar')).toBe(19421274)
  expect(run('presets').stdout).toContain('269,722 parameters')
})
