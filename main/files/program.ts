import * as fs from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROGRAM } from '../../shared/base/program'

/** What this program was installed as, as far as sentences depend on it. */
export interface Installation {
  /** How its command line is called: "npx residual-lab"; of an application its executable. */
  name: string
  /** The archive of an installed application; null in a checkout, npm's too. */
  archive: string | null
}

/** What an installed application has of the command line; a checkout has all. */
export const APPLICATION_COMMANDS: readonly string[] = ['runtime', 'export']

/** What tells it. */
export interface Surroundings {
  execPath: string
  env: NodeJS.ProcessEnv
  /** Of the bundle: not every process of Electron's is told where its resources are. */
  folder: string
}

export function installationOf({ execPath, env, folder }: Surroundings): Installation {
  const archive = /^(.+[/\\]app\.asar)[/\\]/.exec(folder)?.[1] ?? null
  return { name: archive === null ? PROGRAM : executableName(startedAs(execPath, env), env), archive }
}

/** What a person starts, who sees neither an AppImage's mount nor the helpers of an application for the Mac. */
function startedAs(execPath: string, { APPIMAGE, APPDIR }: NodeJS.ProcessEnv): string {
  // Another program's AppImage may have started this one.
  if (APPIMAGE && APPDIR && execPath.startsWith(`${APPDIR}/`)) return APPIMAGE
  const helper = /^(.+\.app)\/Contents\/Frameworks\/.+\/([^/]+) Helper(?: \([^/]+\))?$/.exec(execPath)
  return helper ? `${helper[1]}/Contents/MacOS/${helper[2]}` : execPath
}

/** By its name alone where the shell finds it so; a path with a space in quotes, as POSIX shells and cmd read it. */
function executableName(executable: string, env: NodeJS.ProcessEnv): string {
  const name = path.basename(executable)
  const isFound = (env.PATH ?? '')
    .split(path.delimiter)
    .filter(path.isAbsolute)
    .some((folder) => isSameFile(path.join(folder, name), executable))
  const shown = isFound ? name : executable
  return /\s/.test(shown) ? `"${shown}"` : shown
}

function isSameFile(one: string, other: string): boolean {
  try {
    return fs.realpathSync(one) === fs.realpathSync(other)
  } catch {
    return false
  }
}

/** How sentences name what an installation has. */
export function wordsOf({ name, archive }: Installation) {
  /** A command: "`npx residual-lab runtime install`". */
  const ownCommand = (words: string): string => `\`${name} ${words}\``

  /** Whether there is a command of this name: "data". */
  const hasCommand = (one: string): boolean => archive === null || APPLICATION_COMMANDS.includes(one)

  return {
    ownCommand,
    hasCommand,

    /**
     * How something is done: on the screen, and by commands where they are there.
     * @param screen "on the Data tab" @param commands of one kind: "data get mnist"
     */
    orByCommand: (screen: string, ...commands: [string, ...string[]]): string =>
      hasCommand(commands[0].split(' ')[0]!)
        ? `${screen}, or by ${commands.map(ownCommand).join(' and ')}`
        : screen,

    /** What is to be done where a part of the program is missing. */
    REINSTALL: archive === null ? 'Run `npm ci` in the checkout.' : 'Install Residual Lab anew.',

    /** Sentences that another installation may have written down, with the commands that they name called as here. */
    inOwnWords: (sentences: string): string =>
      sentences.replaceAll(/`[^`]+ (runtime (?:status|verify|install|use)\b[^`]*)`/g, (_, words: string) =>
        ownCommand(words),
      ),
  }
}

export const INSTALLATION = installationOf({
  execPath: process.execPath,
  env: process.env,
  folder: path.dirname(fileURLToPath(import.meta.url)),
})

export const { ownCommand, hasCommand, orByCommand, REINSTALL, inOwnWords } = wordsOf(INSTALLATION)
