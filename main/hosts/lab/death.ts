/** Why a process that computes has ended, and what to do then: in the words of where people read it. */
import { ownCommand } from '../../files/program'

/** What is said after a death. */
export interface DeathWords {
  /** To whoever waited for a result. @param wasKilled from outside */
  hint(wasKilled: boolean): string
  /** When the process is not started again. */
  givenUp: string
  /** When the next device computes in place of one that the process dies of. */
  nextDevice: string
}

const KILLED = 'It was killed from outside: by the system if memory ran out, then a smaller network helps.'
const ANOTHER = `choose another TensorFlow with ${ownCommand('runtime use PATH')}`

/** On the screen, where the process is started again by itself. */
export const WORKBENCH_WORDS: DeathWords = {
  hint: (wasKilled) =>
    wasKilled
      ? `${KILLED} Run this again when it is ready.`
      : 'It is being started again; then run this again.',
  givenUp: `Press play to try again; if that does not help, ${ANOTHER} and start again.`,
  nextDevice:
    'The next device computes until one is chosen anew in the settings; a driver that hangs is mended by a restart ' +
    'of the machine.',
}

/** In a terminal, where the command ends with it. */
export const TERMINAL_WORDS: DeathWords = {
  hint: (wasKilled) =>
    wasKilled ? KILLED : 'Run the command again; if it happens again, please report it with these words.',
  givenUp: `Run the command again; if that does not help, ${ANOTHER}.`,
  nextDevice:
    'The next device computes this; "--device cpu" tries no GPU. A driver that hangs is mended by a restart of the ' +
    'machine.',
}

/** How JavaScript, V8 and C++ say what ended them. */
const CAUSE =
  /^\s*(?:Uncaught )?((?:[A-Z]\w*)?Error(?: \[\w+\])?: .+|FATAL ERROR: .+|terminate called .+|what\(\): .+)/

/** Keeps the last cause that a process has named on its standard error. */
export function causeKeeper() {
  let cause: string | null = null
  return {
    hear(text: string) {
      for (const line of text.split('\n')) cause = CAUSE.exec(line)?.[1]?.trim().slice(0, 300) ?? cause
    },
    /** @param how "exit code 1" */
    told: (how: string) => (cause ? `${how}: ${cause}` : how),
  }
}
