import { installRuntime, runtimeStatus, useRuntime, type RuntimeOptions } from './'
import { progressPrinter } from './progress'
import { RuntimeError, isAbort, type RuntimeStatus } from './types'

export interface RuntimeArguments {
  action: 'status' | 'install' | 'use'
  path?: string
  json: boolean
  force?: boolean
}

export interface CommandIo {
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown; isTTY?: boolean }
  signal?: AbortSignal
}

/** `runtime status|install|use PATH`. Prints, and returns the exit code: 0 ok, 2 bad input, 1 anything else. */
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
  }
  // Ctrl-C once cancels tidily; a second one ends the process as usual.
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  if (!all.signal) {
    all.signal = stop.signal
    process.once('SIGINT', interrupt)
  }
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
      await installRuntime(all)
    }
  } catch (error) {
    failure = describe(error)
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
  const status = await runtimeStatus(options)
  if (failure) io.stderr.write(`${io.stderr.isTTY ? '\n' : ''}${failure.problem} ${failure.hint}\n`)
  if (args.json) {
    const shown = failure ? { ...status, problem: failure.problem, hint: failure.hint } : status
    io.stdout.write(`${JSON.stringify({ version: 1, ...shown }, null, 2)}\n`)
  } else if (!failure) {
    io.stdout.write(statusText(status))
  }
  return failure?.code ?? 0
}

function describe(error: unknown): { problem: string; hint: string; code: number } {
  if (error instanceof RuntimeError) {
    return { problem: error.message, hint: error.hint, code: error.badInput ? 2 : 1 }
  }
  if (isAbort(error)) {
    const hint = 'What was installed before is untouched; run `npx residual-lab runtime install` to go on.'
    return { problem: 'Stopped.', hint, code: 130 }
  }
  const problem = error instanceof Error ? error.message : String(error)
  const hint = 'What was installed before is untouched.'
  return { problem, hint, code: 1 }
}

const SOURCES = { user: 'your own installation', official: 'official download', wheel: 'Python wheel' }

function statusText({ library, problem, hint, cacheFolder, platform }: RuntimeStatus): string {
  const lines = library
    ? [
        `TensorFlow ${library.version} on ${library.device.toUpperCase()}`,
        `source:   ${SOURCES[library.source]}`,
        `library:  ${library.path}`,
        `binding:  ${library.bindingPath}`,
        ...(library.note ? [`note:     ${library.note}`] : []),
      ]
    : [`No TensorFlow library: ${problem} ${hint}`]
  return [...lines, `platform: ${platform}`, `cache:    ${cacheFolder}`, ''].join('\n')
}
