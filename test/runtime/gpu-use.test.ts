import * as fs from 'node:fs'
import * as path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { installRuntime, nvidiaStatus, runtimeStatus, useRuntime } from '../../main/runtime'
import { cudaEnvironment } from '../../main/runtime/cuda'
import { temporary } from './fakes'
import { gpuSurroundings, type GpuFakes } from './gpu-surroundings'

let lab: GpuFakes | undefined
afterEach(() => lab?.index.close())

/** A Python environment with TensorFlow, and of NVIDIA's packages these libraries beside it. */
function environment(version: string, cuda: string | null, libraries: string[]): string {
  const site = path.join(temporary(), 'lib/python3.11/site-packages')
  const put = (name: string, text = '') => {
    fs.mkdirSync(path.dirname(path.join(site, name)), { recursive: true })
    fs.writeFileSync(path.join(site, name), text)
  }
  put(`tensorflow-${version}.dist-info/METADATA`)
  for (const name of ['__init__.py', 'include/tensorflow/c/eager/c_api.h']) put(`tensorflow/${name}`)
  for (const name of ['cc', 'framework']) put(`tensorflow/libtensorflow_${name}.so.2`)
  const built =
    cuda === null ? "('is_cuda_build', False)" : `('cuda_version', '${cuda}'), ('is_cuda_build', True)`
  put('tensorflow/python/platform/build_info.py', `build_info = collections.OrderedDict([${built}])\n`)
  for (const name of libraries) put(`nvidia/${name}`)
  return site
}

const CUDA_12 = [
  'cuda_runtime/lib/libcudart.so.12',
  'cublas/lib/libcublas.so.12',
  'cublas/lib/libcublasLt.so.12',
  'cufft/lib/libcufft.so.11',
  'cusolver/lib/libcusolver.so.11',
  'cusparse/lib/libcusparse.so.12',
  'cudnn/lib/libcudnn.so.9',
]

async function used(site: string, gpu: boolean) {
  lab = await gpuSurroundings(temporary())
  const version = /tensorflow-([\d.]+)\.dist-info/.exec(fs.readdirSync(site).join(' '))![1]
  const output = `CHECK {"version":"${version}","gpu":${gpu},"result":[19,22,43,50]}`
  const options = { ...lab.gpuOptions({ runCheck: () => Promise.resolve({ code: 0, output }) }), gpu: false }
  return { library: await useRuntime(site, options), options }
}

describe('a Python environment of the user’s', () => {
  it('computes on the GPU with NVIDIA’s packages beside TensorFlow', async () => {
    const site = environment('2.21.0', '12.5.1', CUDA_12)
    const { library, options } = await used(site, true)
    expect(library).toMatchObject({ source: 'user', device: 'gpu', note: null })
    expect(fs.realpathSync(path.join(path.dirname(library.bindingPath), '../nvidia'))).toBe(
      path.join(site, 'nvidia'),
    )
    expect((await nvidiaStatus(library, options)).why).toBeNull()
  })

  it('with CUDA 11 beside a TensorFlow for CUDA 12 says cause and remedy', async () => {
    const eleven = [
      'cuda_runtime/lib/libcudart.so.11.0',
      'cublas/lib/libcublas.so.11',
      'cudnn/lib/libcudnn.so.8',
    ]
    const site = environment('2.21.0', '12.5.1', eleven)
    const { library, options } = await used(site, false)
    const where = path.join(site, 'tensorflow')
    expect(library.note).toBe(
      `TensorFlow 2.21.0 in ${where} is built for CUDA 12.5.1 and does not find libcudart.so.12, libcublas.so.12, ` +
        'libcublasLt.so.12, libcufft.so.11, libcusolver.so.11, libcusparse.so.12, libcudnn.so.9; of other versions, ' +
        'which it cannot use, there are libcudart.so.11.0, libcublas.so.11, libcudnn.so.8. ' +
        "Run pip install --upgrade 'tensorflow[and-cuda]==2.21.0' in that environment, or: " +
        '`npx residual-lab runtime install --gpu` gets an installation of the lab’s own. ' +
        'The CPU computes, and nothing of the GPU could be checked.',
    )
    expect(library.device).toBe('cpu')
    expect((await nvidiaStatus(library, options)).why).toContain('is built for CUDA 12.5.1 and does not find')
  })

  it('has its note in the words of whoever reads it', async () => {
    const { library, options } = await used(environment('2.21.0', '12.5.1', []), false)
    const record = path.join(path.dirname(library.bindingPath), '..', 'library.json')
    const written = fs.readFileSync(record, 'utf8')
    expect(written).toContain('`npx residual-lab runtime install --gpu` gets')
    const others = String.raw`\"/opt/Residual Lab/residual-lab\"`
    fs.writeFileSync(record, written.replace('npx residual-lab', others))
    expect((await runtimeStatus(options)).library!.note).toBe(library.note)
  })

  it('with one library of another version names that one', async () => {
    const mixed = CUDA_12.map((name) => name.replace('libcudnn.so.9', 'libcudnn.so.8'))
    const { library } = await used(environment('2.21.0', '12.5.1', mixed), false)
    expect(library.note).toContain(
      'does not find libcudnn.so.9; of other versions, which it cannot use, there are libcudnn.so.8.',
    )
  })

  it('with a TensorFlow for CUDA 11 names what that one looks for', async () => {
    const { library } = await used(environment('2.13.1', '11.8', CUDA_12), false)
    expect(library.note).toContain(
      'is built for CUDA 11.8 and does not find libcudart.so.11.0, libcublas.so.11,',
    )
    expect(library.note).toContain("'tensorflow[and-cuda]==2.13.1'")
  })

  it('for the CPU says so where it is asked, and not at each start', async () => {
    const { library, options } = await used(environment('2.21.0', null, []), false)
    expect(library.note).toBeNull()
    expect((await nvidiaStatus(library, options)).why).toContain('is built for the CPU only.')
  })
})

it('CUDA finds its cache and compiler, and what is set already counts', async () => {
  lab = await gpuSurroundings(temporary())
  const { bindingPath } = await installRuntime(lab.gpuOptions())
  const nvcc = path.join(fs.realpathSync(path.join(path.dirname(bindingPath), '../nvidia')), 'cuda_nvcc')
  expect(cudaEnvironment(bindingPath, {}, '/cache')).toEqual({
    CUDA_CACHE_PATH: '/cache/cuda-kernels',
    CUDA_CACHE_MAXSIZE: '4294967296',
    NVIDIA_TF32_OVERRIDE: '0',
    XLA_FLAGS: `--xla_gpu_cuda_data_dir=${nvcc}`,
  })
  const own = { CUDA_CACHE_PATH: '/own', NVIDIA_TF32_OVERRIDE: '1', XLA_FLAGS: '--xla_dump_to=/tmp/x' }
  expect(cudaEnvironment(bindingPath, own, '/cache')).toMatchObject({
    CUDA_CACHE_PATH: '/own',
    NVIDIA_TF32_OVERRIDE: '1',
    XLA_FLAGS: `--xla_dump_to=/tmp/x --xla_gpu_cuda_data_dir=${nvcc}`,
  })
  expect(cudaEnvironment('/nowhere/binding/tfjs_binding.node', {}, '/cache')).toEqual({})
})
