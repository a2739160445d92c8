import type { Configuration } from 'electron-builder'

export interface PackagedElectron {
  dist: string
  version: string
  test: boolean
  appImageRuntime?: string
}

export const FUSES: NonNullable<Configuration['electronFuses']>
export function makeApplication(
  electron: PackagedElectron,
  output: string,
  options?: { targets?: string[]; full?: boolean },
): Promise<string[]>
export function configuration(
  electron: PackagedElectron,
  scratch: string,
  full?: boolean,
): Promise<Configuration>
export function electronToPackage(log?: (text: string) => void): Promise<PackagedElectron>
