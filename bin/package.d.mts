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
  targets?: string[],
): Promise<string[]>
export function electronToPackage(log?: (text: string) => void): Promise<PackagedElectron>
