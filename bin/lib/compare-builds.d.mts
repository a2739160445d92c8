export interface Build {
  packages: Map<string, string>
  folder: string
}
export function sha256(file: string): Promise<string>
export function differences(one: Build, other: Build): Promise<string[]>
