/** What can be done at every point on the screen; the command line sweeps the other commands, too. */
export const SWEEP_COMMANDS = ['signal', 'train'] as const
export type SweepCommand = (typeof SWEEP_COMMANDS)[number]

/** What is swept; part of the experiment's document. */
export interface SweepSettings {
  command: SweepCommand
  /** By the setting's key its values as people write them, see `swept-values.ts`. */
  swept: Partial<Record<string, string>>
}
