import type { Configuration } from 'electron-builder'

export const FUSES: NonNullable<Configuration['electronFuses']>
export function makeApplication(changes: Configuration, targets?: string[]): Promise<string[]>
