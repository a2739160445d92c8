import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { gpuOffer, installRuntime, nvidiaStatus, runtimeStatus, verifyRuntime } from '../../main/runtime'
import { runtimeCommand } from '../../main/runtime/cli'
import { temporary } from './fakes'
import { A100, card, gpuSurroundings, type GpuFakes } from './gpu-surroundings'

const made: GpuFakes[] = []
afterEach(() => made.splice(0).forEach(({ index }) => index.close()))

async function machine(): Promise<GpuFakes> {
  const lab = await gpuSurroundings(temporary())
  made.push(lab)
  return lab
}

interface Failure {
  message: string
  hint: string
  name: string
}
const failure = (promise: Promise<unknown>): Promise<Failure> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  )
const downloads = ({ cache }: GpuFakes) => fs.readdirSync(path.join(cache, 'runtime', 'downloads'))
const leftovers = ({ cache }: GpuFakes) =>
  fs.readdirSync(path.join(cache, 'runtime')).filter((name) => name.startsWith('tmp-') || name === 'lock')
const CUDNN = 'nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl'

describe('installing for an NVIDIA GPU', () => {
  it('gets TensorFlow and each of CUDA’s parts, and lays them out as TensorFlow looks for them', async () => {
    const lab = await machine()
    const library = await installRuntime(lab.gpuOptions())
    expect(library).toMatchObject({ version: '2.21.0', source: 'wheel', device: 'gpu', note: null })
    expect(lab.index.asked.map(({ file }) => file)).toEqual(lab.wheels.map(({ file }) => file))
    // As the RUNPATH of the real libraries has it, seen from lib/: $ORIGIN/../nvidia/<part>/lib.
    const from = library.path
    for (const file of [
      'cudnn/lib/libcudnn.so.9',
      'cublas/lib/libcublasLt.so.12',
      'cusolver/lib/libcusolver.so.11',
    ])
      expect(fs.existsSync(path.join(from, '../nvidia', file)), file).toBe(true)
    expect(fs.existsSync(path.join(from, '../nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'))).toBe(true)
    // What nothing opens at run time stays out.
    for (const file of ['cublas/include', 'cusolver/lib/libcusolverMg.so.11', 'cuda_nvcc/nvvm/lib64'])
      expect(fs.existsSync(path.join(from, '../nvidia', file)), file).toBe(false)
    expect(downloads(lab)).toEqual([])
    expect(leftovers(lab)).toEqual([])
    const { files } = await verifyRuntime(lab.gpuOptions())
    expect(files).toBeGreaterThan(20)
    // A second one finds the work done, and so does one that does not say it.
    expect(await installRuntime(lab.gpuOptions())).toEqual(library)
    expect(await installRuntime({ ...lab.gpuOptions(), gpu: false })).toEqual(library)
    expect(lab.index.asked).toHaveLength(13)
  })

  it('says sizes before it downloads, and progress over all of it', async () => {
    const lab = await machine()
    const out = { stdout: '', stderr: '' }
    const io = {
      stdout: { write: (text: string) => void (out.stdout += text) },
      stderr: { write: (text: string) => void (out.stderr += text) },
    }
    const { onProgress: _, ...options } = lab.gpuOptions()
    expect(await runtimeCommand({ action: 'install', json: true, gpu: true }, io, options)).toBe(0)
    const sizes = out.stderr.indexOf('nvidia-cudnn-cu12 9.3.0.75')
    expect(out.stderr).toMatch(
      /^NVIDIA driver 570\.86\.15; 0: NVIDIA A100-SXM4-80GB, 85\.5 GB, 84\.9 GB free, compute/,
    )
    expect(out.stderr).toMatch(/\n {2}tensorflow 2\.21\.0 +\d/)
    expect(out.stderr).toMatch(/\n {2}in all +\d+ kB, unpacked +260 kB, into /)
    expect(sizes).toBeGreaterThan(0)
    expect(out.stderr.indexOf('Downloading TensorFlow 2.21.0 and CUDA 12: ')).toBeGreaterThan(sizes)
    expect(JSON.parse(out.stdout)).toMatchObject({
      library: { device: 'gpu' },
      gpu: {
        driver: '570.86.15',
        gpus: [{ index: 0, name: 'NVIDIA A100-SXM4-80GB', capability: 8 }],
        why: null,
      },
    })
  })

  it('goes on with a file that broke off, also after a stop', async () => {
    const lab = await machine()
    const { bytes } = lab.wheels.find(({ file }) => file === CUDNN)!
    lab.index.breakAt.set(CUDNN, bytes - 500)
    await installRuntime(lab.gpuOptions())
    const asked = lab.index.asked.filter(({ file }) => file === CUDNN)
    expect(asked.map(({ range }) => range)).toEqual([undefined, `bytes=${bytes - 500}-`])
    expect(lab.index.asked).toHaveLength(14)
  })

  it('keeps what has come when it is cancelled, and what was installed', async () => {
    const lab = await machine()
    const old = await installRuntime(lab.options())
    const { bytes } = lab.wheels.find(({ file }) => file === CUDNN)!
    lab.index.breakAt.set(CUDNN, bytes - 500)
    const stop = new AbortController()
    // The break is waited out for a second: in that time.
    lab.index.onBreak = () => void setTimeout(() => stop.abort(), 300)
    const cancel = installRuntime({ ...lab.gpuOptions(), signal: stop.signal })
    expect((await failure(cancel)).name).toBe('AbortError')
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
    expect(leftovers(lab)).toEqual([])
    expect(downloads(lab)).toHaveLength(7)
    expect(downloads(lab)).toContain(`${CUDNN}.part`)
    const before = lab.index.asked.length
    const { toComeBytes, downloadBytes } = await gpuOffer(lab.gpuOptions())
    expect(toComeBytes).toBeLessThan(downloadBytes)
    await installRuntime(lab.gpuOptions())
    const second = lab.index.asked.slice(before)
    expect(second[0]).toEqual({ file: CUDNN, range: `bytes=${bytes - 500}-` })
    expect(second).toHaveLength(7)
    expect(downloads(lab)).toEqual([])
  })

  it('refuses a file with another hash, and keeps what was installed', async () => {
    const lab = await machine()
    const old = await installRuntime(lab.options())
    lab.index.altered.add(CUDNN)
    const error = await failure(installRuntime(lab.gpuOptions()))
    expect(error.message).toBe(
      `The downloaded ${CUDNN} does not have the expected checksum, so it is not used.`,
    )
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
    expect(leftovers(lab)).toEqual([])
    lab.index.altered.clear()
    expect(await installRuntime(lab.gpuOptions())).toMatchObject({ device: 'gpu' })
  })

  it('says before it downloads that there is no room', async () => {
    const lab = await machine()
    const old = await installRuntime(lab.options())
    const error = await failure(installRuntime(lab.gpuOptions({ freeBytes: () => Promise.resolve(3e6) })))
    expect(error.message).toMatch(/^Not enough disk space in .*: 51 MB are needed and 3 MB are free\.$/)
    expect(lab.index.asked).toEqual([])
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
  })

  it('is refused by a GPU that computes something else, and keeps what was installed', async () => {
    const lab = await machine()
    const old = await installRuntime(lab.options())
    const answer = '{"version":"2.21.0","gpu":true,"result":[19,22,43,50],"product":[0,0,0,0]}'
    const runCheck = () => Promise.resolve({ code: 0, output: `CHECK ${answer}` })
    const error = await failure(installRuntime(lab.gpuOptions({ runCheck })))
    expect(error.message).toBe(
      "TensorFlow's library does not work here: elementwise product came out as 0,0,0,0.",
    )
    expect((await runtimeStatus(lab.options())).library).toEqual(old)
    // What was downloaded is right, and stays for the next attempt.
    expect(downloads(lab)).toHaveLength(13)
  })

  it('takes the wheels out of a folder, without a network', async () => {
    const lab = await machine()
    const folder = temporary()
    await failure(
      installRuntime(lab.gpuOptions({ runCheck: () => Promise.resolve({ code: 1, output: '' }) })),
    )
    for (const name of downloads(lab))
      fs.renameSync(path.join(lab.cache, 'runtime/downloads', name), path.join(folder, name))
    const offline = { ...lab.gpuOptions({}, { FAKE_PIP: 'none', FAKE_INDEX: '' }), from: folder }
    expect(await installRuntime(offline)).toMatchObject({ device: 'gpu' })
    fs.rmSync(path.join(folder, CUDNN))
    expect((await failure(installRuntime(offline))).message).toBe(`${path.join(folder, CUDNN)} is not there.`)
    expect((await failure(installRuntime({ ...offline, from: lab.wheel }))).message).toBe(
      `${lab.wheel} is no folder.`,
    )
  })

  it('lets pip get them where the index cannot be asked', async () => {
    const lab = await machine()
    const error = await failure(installRuntime(lab.gpuOptions({}, { FAKE_INDEX: '', FAKE_PIP: 'offline' })))
    expect(error.message).toBe(
      'The Python package index could not be reached, so tensorflow 2.21.0 could not be downloaded.',
    )
    expect(lab.downloads()).toEqual(['download tensorflow==2.21.0'])
  })

  it('repairs it as what it was, and goes back to the CPU only when forced', async () => {
    const lab = await machine()
    const library = await installRuntime(lab.gpuOptions())
    fs.truncateSync(path.join(library.path, '../nvidia/cudnn/lib/libcudnn.so.9'), 100)
    expect(await runtimeStatus(lab.options())).toMatchObject({
      library: null,
      problem: expect.stringContaining('libcudnn.so.9 has 100 bytes instead of'),
    })
    const plain = { ...lab.gpuOptions(), gpu: false }
    const repaired = await installRuntime(plain)
    expect(repaired).toMatchObject({ device: 'gpu' })
    expect(repaired.path).not.toBe(library.path)
    const checked = () =>
      Promise.resolve({ code: 0, output: 'CHECK {"version":"2.21.0","gpu":false,"result":[19,22,43,50]}' })
    const back = await installRuntime({ ...lab.gpuOptions({ runCheck: checked }), gpu: false, force: true })
    expect(back).toMatchObject({ device: 'cpu', note: null })
    expect(fs.existsSync(path.join(back.path, '../nvidia'))).toBe(false)
  })
})

/** Puts a shell's nvidia-smi in place. */
function says(lab: GpuFakes, script: string): void {
  fs.writeFileSync(path.join(lab.folder, 'bin/nvidia-smi'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

describe('a driver or a card that will not do is named before anything is downloaded', () => {
  const cases: [string, (lab: GpuFakes) => void, string][] = [
    [
      'no driver',
      (lab) => (lab.kernel(null), fs.rmSync(path.join(lab.folder, 'bin/nvidia-smi'))),
      'There is no NVIDIA driver here, so TensorFlow can use no NVIDIA GPU.',
    ],
    [
      'an old one',
      (lab) => (lab.kernel('470.57.02'), lab.smi('Field "compute_cap" is not a valid field to query.')),
      'NVIDIA’s driver does not answer: Field "compute_cap" is not a valid field to query.',
    ],
    [
      'an old one that answers',
      (lab) => (lab.kernel('470.57.02'), lab.smi([card(0, 'Tesla V100-SXM2-16GB', '7.0', '470.57.02')])),
      'NVIDIA’s driver 470.57.02 is too old for CUDA 12, which needs 525.60.13 or newer.',
    ],
    [
      'one that is not loaded',
      (lab) => (
        lab.kernel(null),
        lab.smi("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.")
      ),
      "NVIDIA’s driver does not answer: NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
    ],
    [
      'an nvidia-smi that cannot be started',
      (lab) => fs.writeFileSync(path.join(lab.folder, 'bin/nvidia-smi'), '#!/nowhere/at/all\n'),
      'NVIDIA’s driver does not answer: nvidia-smi cannot be started (ENOENT).',
    ],
    [
      'an nvidia-smi that dies',
      (lab) => says(lab, 'kill -SEGV $$'),
      'NVIDIA’s driver does not answer: nvidia-smi gave no list (signal SIGSEGV).',
    ],
    [
      'an nvidia-smi that lists nothing',
      (lab) => says(lab, 'echo "no list at all"'),
      'NVIDIA’s driver does not answer: nvidia-smi gave no list (exit code 0).',
    ],
    [
      'no card',
      (lab) => lab.smi('No devices were found'),
      'NVIDIA’s driver 570.86.15 is here, but it finds no GPU.',
    ],
    [
      'a card that is too old',
      (lab) => lab.smi([card(0, 'NVIDIA GeForce GTX 980', '5.2')]),
      'The NVIDIA GeForce GTX 980 (compute capability 5.2) cannot be used: ' +
        'TensorFlow 2.21.0 is built for 6.0 and newer.',
    ],
    [
      'a card that is too new',
      (lab) => lab.smi([card(0, 'NVIDIA GeForce RTX 5090', '12.0')]),
      'TensorFlow 2.21.0 does not support the NVIDIA GeForce RTX 5090 (compute capability 12.0): ' +
        'it has no kernels for it, and those it compiles fail.',
    ],
    [
      'a driver that cannot compile for the card',
      (lab) => (lab.kernel('535.104.05'), lab.smi([card(0, 'NVIDIA H100 80GB HBM3', '9.0')])),
      'NVIDIA’s driver 535.104.05 is too old for the NVIDIA H100 80GB HBM3 (compute capability 9.0): ' +
        'it has to compile TensorFlow’s kernels for it, which it can from 555.42.02 on.',
    ],
  ]
  it.each(cases)('%s', async (_name, prepare, message) => {
    const lab = await machine()
    prepare(lab)
    const error = await failure(installRuntime(lab.gpuOptions()))
    expect(error.message).toBe(message)
    expect(error.hint).toContain('With --force it is installed anyway; the CPU computes.')
    expect(lab.index.asked).toEqual([])
    expect((await gpuOffer(lab.gpuOptions())).problem).toContain(message)
    expect((await nvidiaStatus(null, lab.gpuOptions())).why).toContain(message)
  })

  it('who may not ask it hears what to open, and nothing of a restart', async () => {
    const lab = await machine()
    lab.smi('Failed to initialize NVML: Insufficient Permissions')
    const { message, hint } = await failure(installRuntime(lab.gpuOptions()))
    expect(message).toBe(
      'NVIDIA’s driver does not answer: Failed to initialize NVML: Insufficient Permissions.',
    )
    expect(hint).toContain('Let this user open /dev/nvidiactl and /dev/nvidia0')
    expect(hint).not.toContain('Restart')
  })

  it('what the driver does not tell of a card is left out', async () => {
    const lab = await machine()
    lab.kernel(null)
    lab.smi(['0, [N/A], [N/A], [Insufficient Permissions], N/A, [N/A], [Unknown Error]'])
    expect(await nvidiaStatus(null, lab.gpuOptions())).toMatchObject({
      driver: '(version unknown)',
      gpus: [{ index: 0, uuid: '', name: '(unnamed)', memoryBytes: null, freeBytes: null, capability: null }],
    })
  })

  it('unless it is forced: then it says what could not be checked', async () => {
    const lab = await machine()
    lab.kernel(null)
    fs.rmSync(path.join(lab.folder, 'bin/nvidia-smi'))
    const runCheck = () =>
      Promise.resolve({ code: 0, output: 'CHECK {"version":"2.21.0","gpu":false,"result":[19,22,43,50]}' })
    const library = await installRuntime({ ...lab.gpuOptions({ runCheck }), force: true })
    expect(library).toMatchObject({ device: 'cpu' })
    expect(library.note).toMatch(
      /^There is no NVIDIA driver here, .* The CPU computes, and nothing of the GPU could be checked\.$/,
    )
  })

  it('and one card of two that will do is enough', async () => {
    const lab = await machine()
    lab.smi([card(0, 'NVIDIA GeForce GTX 980', '5.2'), A100.replace(/^0/, '1')])
    expect(await installRuntime(lab.gpuOptions())).toMatchObject({ device: 'gpu' })
  })

  it('on other systems than Linux on x64', async () => {
    const lab = await machine()
    const error = await failure(installRuntime(lab.gpuOptions({ arch: 'arm64' })))
    expect(error.message).toBe('TensorFlow publishes no build for NVIDIA GPUs on linux-arm64.')
  })
})
