import type { ChildProcess, SpawnOptions } from 'node:child_process'

/** Starts a program, which ends with this process at the latest. */
export function spawnGroup(program: string, args: string[], options: SpawnOptions): ChildProcess
/** Ends a program of `spawnGroup` and its children: politely, and two seconds later in any case. */
export function endGroup(child: ChildProcess): void
/** Ends them at once. */
export function killGroup(child: ChildProcess): void
