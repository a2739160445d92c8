import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as path from 'node:path'
import { CUDA_PARTS } from '../../main/runtime/cuda-parts'
import type { Wheel } from '../../main/runtime/sources'
import type { Context } from '../../main/runtime/context'
import type { RuntimeOptions } from '../../main/runtime'
import { surroundings, WHEEL_FILES, zip, type Fakes } from './surroundings'

// A machine with an NVIDIA GPU, in play: wheels of the real names and layout, an index that serves them with ranges, a
// driver that tells of itself as the real one does.

/** What the real packages hold, by name and place; small, and each of its own contents. */
const LAYOUT: Record<string, string[]> = {
  cublas: ['lib/libcublas.so.12', 'lib/libcublasLt.so.12', 'lib/libnvblas.so.12', 'include/cublas.h'],
  cuda_cupti: ['lib/libcupti.so.12'],
  cuda_nvcc: [
    'bin/ptxas',
    'nvvm/libdevice/libdevice.10.bc',
    'nvvm/lib64/libnvvm.so',
    'include/nvPTXCompiler.h',
  ],
  cuda_nvrtc: ['lib/libnvrtc.so.12', 'lib/libnvrtc-builtins.so.12.5'],
  cuda_runtime: ['lib/libcudart.so.12', 'include/cuda_runtime.h'],
  cudnn: ['lib/libcudnn.so.9', 'lib/libcudnn_ops.so.9', 'lib/libcudnn_cnn.so.9'],
  cufft: ['lib/libcufft.so.11', 'lib/libcufftw.so.11'],
  curand: ['lib/libcurand.so.10'],
  cusolver: ['lib/libcusolver.so.11', 'lib/libcusolverMg.so.11'],
  cusparse: ['lib/libcusparse.so.12'],
  nccl: ['lib/libnccl.so.2'],
  nvjitlink: ['lib/libnvJitLink.so.12'],
}

const filler = (name: string) => `${name} `.repeat(2000)

function standIn(wheel: Wheel, files: Record<string, string>): { wheel: Wheel; data: Buffer } {
  const data = zip(files)
  const sha256 = createHash('sha256').update(data).digest('hex')
  return { wheel: { ...wheel, bytes: data.length, unpackedBytes: 20_000, sha256 }, data }
}

const TENSORFLOW: Wheel = {
  package: 'tensorflow',
  version: '2.21.0',
  tag: 'test',
  file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 0,
  unpackedBytes: 0,
  sha256: '',
}

export interface GpuFakes extends Fakes {
  index: Index
  wheels: Wheel[]
  /** As an installation for the GPU is asked for. */
  gpuOptions: (changes?: Partial<Context>, env?: Record<string, string>) => RuntimeOptions
  /**
   * Puts an nvidia-smi in place that lists these cards, or says this and fails.
   * @param busy its lines where it is asked how busy they are
   */
  smi: (answer: string | string[], busy?: string[]) => void
  /** What the kernel tells of its driver; null: there is none. */
  kernel: (version: string | null) => void
}

/** An nvidia-smi in this folder. @param answer the cards, or what it says as it fails @param busy how busy they are */
export function putSmi(folder: string, answer: string | string[], busy: string[] = []): void {
  const [text, code] = typeof answer === 'string' ? [answer, 9] : [answer.join('\n'), 0]
  const [list, how] = [text, code ? text : busy.join('\n')].map((one) => JSON.stringify(one))
  const said = `process.argv.some((one) => one.includes('utilization.gpu')) ? ${how} : ${list}`
  const program = `#!${process.execPath}\nconsole.log(${said}); process.exitCode = ${code}\n`
  fs.writeFileSync(path.join(folder, 'nvidia-smi'), program, { mode: 0o755 })
}

/** "0, GPU-0, 87, 81559, 3000, NVIDIA H100 80GB HBM3": how busy a card is, by nvidia-smi. */
export const busyCard = (index: number, busy: string, used: string, total = '81559'): string =>
  `${index}, GPU-${index}aaaaaaa-0000-0000-0000-000000000000, ${busy}, ${total}, ${used}, NVIDIA H100 80GB HBM3`

/** "0, GPU-0, 81559, 559, 9.0, 570.86.15, NVIDIA H100 80GB HBM3": a line of nvidia-smi's. */
export const card = (
  index: number,
  name: string,
  capability: string,
  driver = '570.86.15',
  used = 559,
): string =>
  [`${index}`, `GPU-${index}aaaaaaa-0000-0000-0000-000000000000`, 81559, used, capability, driver, name].join(
    ', ',
  )

export const A100 = card(0, 'NVIDIA A100-SXM4-80GB', '8.0')

export async function gpuSurroundings(folder: string): Promise<GpuFakes> {
  const lab = surroundings(folder)
  const all = [
    standIn(TENSORFLOW, {
      ...WHEEL_FILES,
      'tensorflow/libtensorflow_cc.so.2': 'the library for GPUs'.repeat(1000),
    }),
    ...CUDA_PARTS.map((part) => {
      const name = /^nvidia_(.*)_cu12-/.exec(part.file)![1]!
      const members = LAYOUT[name]!.map((file): [string, string] => [`nvidia/${name}/${file}`, filler(file)])
      const license = `${part.file.split('-').slice(0, 2).join('-')}.dist-info/License.txt`
      return standIn(part, { ...Object.fromEntries(members), [license]: 'NVIDIA’s terms' })
    }),
  ]
  const wheels = all.map(({ wheel }) => wheel)
  const index = await serveIndex(Object.fromEntries(all.map(({ wheel, data }) => [wheel.file, data])), wheels)
  const bin = path.join(folder, 'bin')
  const smi = (answer: string | string[], busy: string[] = []) => putSmi(bin, answer, busy)
  const kernel = (version: string | null) => {
    const proc = path.join(folder, 'proc')
    fs.rmSync(proc, { recursive: true, force: true })
    if (version === null) return
    fs.mkdirSync(proc)
    const line = `NVRM version: NVIDIA UNIX x86_64 Kernel Module  ${version}  Sat Aug 19 01:15:15 UTC 2023`
    fs.writeFileSync(
      path.join(proc, 'version'),
      `${line}\nGCC version:  gcc version 12.2.0 (Debian 12.2.0-14)\n`,
    )
  }
  kernel('570.86.15')
  smi([A100])
  const [tensorflow, ...cuda] = wheels
  const check =
    '{"version":"2.21.0","gpu":true,"result":[19,22,43,50],"convolution":[37,47,67,77],"product":[5,12,21,32]}'
  return {
    ...lab,
    index,
    wheels,
    smi,
    kernel,
    gpuOptions: (changes = {}, env = {}) => {
      const options = lab.options(
        {
          wheels: { ...lab.options().context!.wheels, 'linux-x64-gpu': tensorflow! },
          cuda,
          runCheck: () => Promise.resolve({ code: 0, output: `CHECK ${check}` }),
          ...changes,
        },
        { FAKE_INDEX: index.url, ...env },
      )
      return { ...options, gpu: true }
    },
  }
}

export interface Index {
  url: string
  /** Every request for a file: its name, and the range that was asked for. */
  asked: { file: string; range: string | undefined }[]
  /** Of these files the next answer breaks off after so many bytes. */
  breakAt: Map<string, number>
  /** Milliseconds that a file is waited for. */
  delay: number
  /** Called when an answer has been broken off. */
  onBreak: () => void
  /** Files that are served with other bytes of the same size. */
  altered: Set<string>
  close: () => void
}

/** A package index of PEP 503 on this machine, as pip and the lab ask it. */
export async function serveIndex(files: Record<string, Buffer>, wheels: Wheel[]): Promise<Index> {
  const asked: Index['asked'] = []
  const breakAt = new Map<string, number>()
  const altered = new Set<string>()
  const server = http.createServer((request, response) => {
    const [, kind, name] = new URL(request.url!, 'http://index').pathname.split('/')
    if (kind === 'simple') {
      const links = wheels
        .filter((wheel) => wheel.package === name)
        .map(
          ({ file, sha256 }) =>
            `<a href="../../files/${file}#sha256=${sha256}" data-requires-python="">${file}</a>`,
        )
      response.writeHead(links.length ? 200 : 404, { 'content-type': 'text/html' })
      return response.end(`<!DOCTYPE html><html><body>${links.join('<br>\n')}</body></html>`)
    }
    const data = files[name!]
    if (!data) return response.writeHead(404).end()
    const { range } = request.headers
    asked.push({ file: name!, range })
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    const body = altered.has(name!) ? Buffer.alloc(data.length) : data
    response.writeHead(range ? 206 : 200, { 'content-length': data.length - from })
    const stop = breakAt.get(name!)
    breakAt.delete(name!)
    if (stop === undefined) return void setTimeout(() => response.end(body.subarray(from)), index.delay)
    response.write(body.subarray(from, from + stop), () =>
      setTimeout(() => {
        response.destroy()
        index.onBreak()
      }, 50),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`
  const index: Index = {
    url,
    asked,
    breakAt,
    delay: 0,
    onBreak: () => {},
    altered,
    close: () => void server.close(),
  }
  return index
}
