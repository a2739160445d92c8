const MIB = 2 ** 20

/**
 * The pool grows by pieces of 2 MiB, 4 MiB and so on, and Chromium's allocator ends the process that asks for more than
 * 1 GiB at once (it rounds up to a power of two, and has no 2 GiB): the last piece below this limit is of 1 GiB.
 */
const POOL_BYTES = 3070 * MIB
/** Of the pool: pieces do not fill up with tensors of any size. */
const USABLE = 2 / 3
const ASKED = 'TF_CPU_ALLOCATOR_USE_BFC'

/** What tells whose allocator a native library gets. */
export interface Program {
  platform: string
  /** Electron's version; undefined: plain Node. */
  electron: string | undefined
  env: NodeJS.ProcessEnv
}

/**
 * Has TensorFlow use its own pool of memory, in place of an allocator that gives everything back: before its library is
 * loaded, in the process's main thread, which alone knows of Electron.
 *
 * Within Electron Chromium's allocator stands in for the C library's, in native libraries too. It takes every piece of
 * a megabyte or more from the system and gives it back as soon as it is free. TensorFlow frees and takes such pieces
 * all the time, so that the pages of each are made anew: with the pool the opening comparison takes about seven tenths
 * of the time (`npm run bench -- --only application`).
 * @returns what networks may need in it, in bytes; null: no pool is used
 */
export function usePool(program: Program = thisProgram()): number | null {
  // Windows' libraries keep their own allocator, and of macOS nothing is known.
  if (program.electron === undefined || program.platform !== 'linux') return null
  // Whoever starts the program with it set means it.
  program.env[ASKED] ??= 'true'
  if (program.env[ASKED] !== 'true') return null
  program.env.TF_CPU_BFC_MEM_LIMIT_IN_MB ??= String(POOL_BYTES / MIB)
  return USABLE * POOL_BYTES
}

const thisProgram = (): Program => ({
  platform: process.platform,
  electron: process.versions.electron,
  env: process.env,
})
