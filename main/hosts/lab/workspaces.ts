import type { Notice } from '../../../shared/protocol/protocol'
import type { Serialised } from '../../files/data-folder'
import type { Answers, Connection, FrontEnd } from './front-end'
import { createSaveLines } from './save-lines'
import { openWorkspace, type Workspace } from './workspace'

interface Options {
  /** Where the autosaved workspaces are kept. */
  folder: string
  inTurn: Serialised
  frontEndOf: (connection: Connection) => FrontEnd
  /** Closing the laboratory waits for what is kept. */
  keep: <T>(save: Promise<T>) => Promise<T>
  /** Tells the front ends but one. */
  tellOthers: (from: Connection, notice: Notice, isConcerned: (one: Connection) => boolean) => void
}

/** The workspaces of a host's front ends, of which each shows one by its number. */
export function createWorkspaces({ folder, inTurn, frontEndOf, keep, tellOthers }: Options) {
  const opened = new Map<number, Workspace>()
  const lines = createSaveLines()

  /** The workspace with this number, from 1. */
  function numbered(number: number): Workspace {
    const workspace = opened.get(number) ?? openWorkspace(folder, inTurn, number)
    opened.set(number, workspace)
    return workspace
  }
  const numberOf = (connection: Connection) => frontEndOf(connection).workspace ?? 1
  const workspaceOf = (connection: Connection) => numbered(numberOf(connection))

  async function save(document: Record<string, unknown>, base: string | null | undefined, from: Connection) {
    const number = numberOf(from)
    const saved = await lines.save(workspaceOf(from), document, base, from)
    const isSame = (connection: Connection) => numberOf(connection) === number
    if (saved.revision !== null)
      tellOthers(from, { kind: 'notice', type: 'workspace', revision: saved.revision }, isSame)
    return saved
  }

  const answers: Answers<'workspace.load' | 'workspace.save' | 'workspace.keep'> = {
    'workspace.load': (_body, { from }) => {
      lines.forget(from)
      return workspaceOf(from).load()
    },
    'workspace.save': ({ document, base }, { from }) => keep(save(document, base, from)),
    'workspace.keep': ({ document }, { from }) => keep(workspaceOf(from).keep(document)),
  }

  return { answers, numbered }
}
