// CUDA's libraries beside a TensorFlow: which it looks for, which are there, and what it reads from the environment.
import * as fs from 'node:fs'
import * as path from 'node:path'
import { cacheFolder } from '../../bin/lib/cache.mjs'
import { ownCommand } from '../files/program'

/** What a TensorFlow was built with, by its own word; null where it does not say. */
export interface Build {
  /** "12.5.1"; null: for the CPU only. */
  cuda: string | null
}

/** @param package_ the folder of Python's package, `site-packages/tensorflow` */
export function readBuild(package_: string): Build | null {
  try {
    const text = fs.readFileSync(path.join(package_, 'python', 'platform', 'build_info.py'), 'utf8')
    const isCuda = /'is_cuda_build',\s*True/.test(text)
    const version = /'cuda_version',\s*'([\d.]+)'/.exec(text)?.[1] ?? null
    return { cuda: isCuda ? version : null }
  } catch {
    return null
  }
}

// By the major version of CUDA: the folder below nvidia/, and the name that TensorFlow opens. All of these have to be
// there, or it registers no GPU.
const LIBRARIES: Record<string, readonly (readonly [string, string])[]> = {
  '11': [
    ['cuda_runtime', 'libcudart.so.11.0'],
    ['cublas', 'libcublas.so.11'],
    ['cublas', 'libcublasLt.so.11'],
    ['cufft', 'libcufft.so.10'],
    ['cusolver', 'libcusolver.so.11'],
    ['cusparse', 'libcusparse.so.11'],
    ['cudnn', 'libcudnn.so.8'],
  ],
  '12': [
    ['cuda_runtime', 'libcudart.so.12'],
    ['cublas', 'libcublas.so.12'],
    ['cublas', 'libcublasLt.so.12'],
    ['cufft', 'libcufft.so.11'],
    ['cusolver', 'libcusolver.so.11'],
    ['cusparse', 'libcusparse.so.12'],
    ['cudnn', 'libcudnn.so.9'],
  ],
}

/** Where the system keeps libraries that every program finds. */
const SYSTEM = [
  '/usr/local/cuda/lib64',
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
]

interface Missing {
  /** "libcudnn.so.9". */
  wanted: string
  /** The same library in other versions, beside TensorFlow: "libcudnn.so.8". */
  others: string[]
}

/** Those of CUDA's libraries that a TensorFlow of this version of CUDA opens and that are nowhere to be found. */
export function missingLibraries(
  nvidia: string | null,
  cuda: string,
  env: NodeJS.ProcessEnv = process.env,
): Missing[] {
  const wanted = LIBRARIES[cuda.split('.')[0]!] ?? []
  const elsewhere = [...(env.LD_LIBRARY_PATH ?? '').split(path.delimiter).filter(Boolean), ...SYSTEM]
  return wanted.flatMap(([folder, name]) => {
    const beside = nvidia === null ? null : path.join(nvidia, folder, 'lib')
    if ([...(beside ? [beside] : []), ...elsewhere].some((at) => fs.existsSync(path.join(at, name))))
      return []
    const stem = `${name.split('.so')[0]}.so.`
    return [{ wanted: name, others: list(beside).filter((file) => file.startsWith(stem)) }]
  })
}

/**
 * Why a TensorFlow finds no CUDA, and what to do, as sentences; null where it has all that it looks for, or that is not
 * known.
 * @param where its folder
 */
export function whyNoCuda(
  {
    version,
    where,
    nvidia,
    build,
  }: { version: string; where: string; nvidia: string | null; build: Build | null },
  env?: NodeJS.ProcessEnv,
): string | null {
  if (!build) return null
  const own = `${ownCommand('runtime install --gpu')} gets an installation of the lab’s own`
  if (build.cuda === null)
    return (
      `TensorFlow ${version} in ${where} is built for the CPU only. ` +
      `Run pip install 'tensorflow[and-cuda]==${version}' in that environment, or: ${own}.`
    )
  const missing = missingLibraries(nvidia, build.cuda, env)
  if (missing.length === 0) return null
  const mixed = missing.filter(({ others }) => others.length > 0)
  const names = missing.map(({ wanted }) => wanted).join(', ')
  const instead = mixed.length
    ? `; of other versions, which it cannot use, there are ${mixed.flatMap(({ others }) => others).join(', ')}`
    : ''
  return (
    `TensorFlow ${version} in ${where} is built for CUDA ${build.cuda} and does not find ${names}${instead}. ` +
    `Run pip install --upgrade 'tensorflow[and-cuda]==${version}' in that environment, or: ${own}.`
  )
}

/** NVIDIA's packages of the library that this binding belongs to; null where there are none. */
export function nvidiaFolder(bindingPath: string): string | null {
  try {
    return fs.realpathSync(path.join(path.dirname(bindingPath), '..', 'nvidia'))
  } catch {
    return null
  }
}

/** NVIDIA's own limit is 1 GiB, which TensorFlow's kernels for a newer card fill. */
const KERNEL_CACHE_BYTES = 2 ** 32

/**
 * What CUDA reads from the environment, for a library with NVIDIA's packages beside it; what is set already counts.
 * Kernels that the driver compiles for this card, once and for minutes, are kept in the lab's cache folder.
 */
export function cudaEnvironment(
  bindingPath: string,
  env: NodeJS.ProcessEnv = process.env,
  cache = cacheFolder(env),
): Record<string, string> {
  const nvidia = nvidiaFolder(bindingPath)
  if (nvidia === null) return {}
  const compiler = path.join(nvidia, 'cuda_nvcc')
  const flag = '--xla_gpu_cuda_data_dir='
  const flags = env.XLA_FLAGS ?? ''
  return {
    // TensorFlow would round products on newer cards to ten bits (TF32): a thousandth, where the lab compares to 1e-5.
    NVIDIA_TF32_OVERRIDE: env.NVIDIA_TF32_OVERRIDE ?? '0',
    CUDA_CACHE_PATH: env.CUDA_CACHE_PATH ?? path.join(cache, 'cuda-kernels'),
    CUDA_CACHE_MAXSIZE: env.CUDA_CACHE_MAXSIZE ?? String(KERNEL_CACHE_BYTES),
    // Where XLA finds ptxas and libdevice. It splits its flags at spaces, so a path that holds one cannot be told.
    ...(fs.existsSync(compiler) && !flags.includes(flag) && !/\s/.test(compiler)
      ? { XLA_FLAGS: `${flags} ${flag}${compiler}`.trim() }
      : {}),
  }
}

function list(folder: string | null): string[] {
  try {
    return folder === null ? [] : fs.readdirSync(folder).sort()
  } catch {
    return []
  }
}
