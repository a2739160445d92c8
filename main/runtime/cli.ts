import { messageOf } from '../../shared/base/errors'
import { formatBytes } from '../../shared/base/format'
import {
  gpuOffer,
  gpuText,
  installRuntime,
  nvidiaStatus,
  runtimeStatus,
  useRuntime,
  verifyRuntime,
  type GpuOffer,
  type RuntimeOptions,
  type Verified,
} from './'
import { CLEAR_LINE, progressPrinter } from './progress'
import { RuntimeError, isAbort, type RuntimeStatus } from './types'

export interface RuntimeArguments {
  action: 'status' | 'install' | 'use' | 'verify'
  path?: string
  json: boolean
  force?: boolean
  /** TensorFlow for an NVIDIA GPU, with CUDA. */
  gpu?: boolean
  /** A wheel to install from, or a folder of them. */
  from?: string
}

export interface CommandIo {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown; isTTY?: boolean }
  signal?: AbortSignal
  /** What `status` tells beside the library: fields of the document, and lines of the text. */
  beside?: () => Promise<{ fields: object; lines: string[] }>
}

/** What ends a process, and what it then returns to its shell. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * `runtime status|verify|install|use PATH`. Prints, and returns the exit code: 0 ok, 2 bad input, 128 and its number
 * after a signal, 1 anything else.
 */
export async function runtimeCommand(
  args: RuntimeArguments,
  io: CommandIo,
  options: RuntimeOptions = {},
): Promise<number> {
  const all: RuntimeOptions = {
    ...options,
    signal: io.signal ?? options.signal,
    onProgress: progressPrinter(io.stderr),
    force: args.force ?? false,
    gpu: args.gpu ?? false,
    from: args.from,
  }
  // A signal once cancels tidily; a second one ends the process as it would by itself.
  const stop = new AbortController()
  let stoppedBy: number = SIGNALS.SIGINT
  const listeners = Object.entries(SIGNALS).map(([signal, code]) => {
    const cancel = () => {
      stoppedBy = code
      stop.abort()
    }
    if (!all.signal) process.once(signal, cancel)
    return () => void process.removeListener(signal, cancel)
  })
  all.signal ??= stop.signal
  let verified: Verified | null = null
  let failure: { problem: string; hint: string; code: number } | null = null
  try {
    if (args.action === 'use') {
      if (!args.path) {
        throw new RuntimeError(
          'runtime use: PATH is missing.',
          'Give the folder of a TensorFlow installation.',
          {
            badInput: true,
          },
        )
      }
      await useRuntime(args.path, all)
    } else if (args.action === 'install') {
      if (all.gpu) io.stderr.write(offerText(await gpuOffer(all), (await runtimeStatus(options)).cacheFolder))
      await installRuntime(all)
    } else if (args.action === 'verify') {
      verified = await verifyRuntime(all)
    }
  } catch (error) {
    failure = describe(error, stoppedBy)
  } finally {
    listeners.forEach((remove) => remove())
  }
  const status = await runtimeStatus(options)
  const gpu = await nvidiaStatus(status.library, options)
  const beside = args.action === 'status' ? await io.beside?.() : undefined
  if (io.stderr.isTTY) io.stderr.write(CLEAR_LINE)
  if (failure) io.stderr.write(`${failure.problem} ${failure.hint}\n`)
  if (args.json) {
    const { files, bytes, unchecked } = verified ?? {}
    const checked = verified && { checked: { files, bytes, unchecked } }
    const shown = failure
      ? { ...status, gpu, problem: failure.problem, hint: failure.hint }
      : { ...status, gpu, ...beside?.fields, ...checked }
    io.stdout.write(`${JSON.stringify({ version: 1, ...shown }, null, 2)}\n`)
  } else if (verified) {
    io.stdout.write(verifiedText(verified))
  } else if (!failure) {
    io.stdout.write(statusText(status, gpu, beside?.lines))
  }
  return failure?.code ?? 0
}

/** What comes, and how large it is, before it comes. */
function offerText(
  { parts, downloadBytes, toComeBytes, diskBytes, driver, gpus }: GpuOffer,
  cache: string,
): string {
  if (parts.length === 0) return ''
  const size = (bytes: number) => formatBytes(bytes).padStart(8)
  const width = Math.max(...parts.map(({ name }) => name.length))
  const rows = parts.map(
    (part) => `  ${part.name.padEnd(width)} ${size(part.downloadBytes!)}, unpacked ${size(part.diskBytes)}`,
  )
  const here = downloadBytes - toComeBytes
  return [
    driver ? `NVIDIA driver ${driver}; ${gpus.map(gpuText).join('; ') || 'no GPU'}` : 'No NVIDIA driver',
    ...rows,
    `  ${'in all'.padEnd(width)} ${size(downloadBytes)}, unpacked ${size(diskBytes)}, into ${cache}`,
    ...(here > 0 ? [`Of these, ${formatBytes(here)} are here already from an earlier attempt.`] : []),
    '',
  ].join('\n')
}

function verifiedText({ library, files, bytes: read, unchecked }: Verified): string {
  const what = `TensorFlow ${library.version}: ${files} ${files === 1 ? 'file' : 'files'}, ${formatBytes(read)}`
  return `${files ? `${what}, all as they were installed.` : ''}${files && unchecked ? ' ' : ''}${unchecked ?? ''}\n`
}

function describe(error: unknown, stoppedBy: number): { problem: string; hint: string; code: number } {
  if (error instanceof RuntimeError) {
    return { problem: error.message, hint: error.hint, code: error.badInput ? 2 : 1 }
  }
  if (isAbort(error)) {
    const hint = 'What was installed before is untouched; the same command goes on.'
    return { problem: 'Stopped.', hint, code: stoppedBy }
  }
  const problem = messageOf(error)
  const hint = 'What was installed before is untouched.'
  return { problem, hint, code: 1 }
}

const SOURCES = {
  user: 'your own installation',
  official: 'official download',
  wheel: 'Python wheel',
  application: 'carried by the application',
}

function statusText(
  { library, problem, hint, cacheFolder, platform }: RuntimeStatus,
  { driver, gpus, why }: Awaited<ReturnType<typeof nvidiaStatus>>,
  beside: string[] = [],
): string {
  const lines = library
    ? [
        `TensorFlow ${library.version} on ${library.device.toUpperCase()}`,
        `source:   ${SOURCES[library.source]}`,
        `library:  ${library.path}`,
        `binding:  ${library.bindingPath}`,
        ...(library.note ? [`note:     ${library.note}`] : []),
      ]
    : [`No TensorFlow library: ${problem} ${hint}`]
  const cards = [
    ...(driver ? [`driver:   NVIDIA ${driver}`] : []),
    ...gpus.map((gpu) => `GPU:      ${gpuText(gpu)}`),
    ...(why && !library?.note?.startsWith(why) ? [`no GPU:   ${why}`] : []),
  ]
  return [...lines, ...cards, ...beside, `platform: ${platform}`, `cache:    ${cacheFolder}`, ''].join('\n')
}
