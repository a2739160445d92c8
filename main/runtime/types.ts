export interface TensorFlowLibrary {
  /** Folder with TensorFlow's shared libraries: in the cache, the application's, or the user's own. */
  path: string
  bindingPath: string
  version: string
  /** 'application': the packaged application carries it. */
  source: 'user' | 'official' | 'wheel' | 'application'
  device: 'cpu' | 'gpu'
  /** What the user should know about this library, e.g. a GPU that it cannot use; null if nothing. */
  note: string | null
}

export interface RuntimeStatus {
  library: TensorFlowLibrary | null
  problem: string | null
  hint: string | null
  cacheFolder: string
  platform: string
}

export interface InstallProgress {
  stage: 'locating' | 'downloading' | 'unpacking' | 'compiling' | 'checking' | 'done'
  message: string
  done?: number
  total?: number
  bytesPerSecond?: number
  secondsLeft?: number
}

/** Runs a small CommonJS file in a process of its own, which ends on abort, and tells how it ended. */
export type RunCheck = (
  modulePath: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal?: AbortSignal,
) => Promise<{ code: number | null; output: string }>

/** An error the user can mend: message is the cause in one line, hint what to do about it. */
export class RuntimeError extends Error {
  readonly hint: string
  /** The user's own input is wrong (exit code 2), as against the machine or the network (1). */
  readonly badInput: boolean

  constructor(message: string, hint: string, options: { badInput?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RuntimeError'
    this.hint = hint
    this.badInput = options.badInput ?? false
  }

  /** Cause and hint, where there is room for sentences. */
  get sentences(): string {
    return `${this.message} ${this.hint}`
  }
}

/** What to do once the cause is gone, whichever command or button asked for the installation. */
export const AGAIN = 'run the same command again, or press the same button'

export { messageOf as reason } from '../../shared/base/errors'

export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

export function abortError(): Error {
  const error = new Error('The installation was cancelled.')
  error.name = 'AbortError'
  return error
}

export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw abortError()
}
