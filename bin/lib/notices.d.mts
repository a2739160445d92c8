import type { Dependency } from 'rollup-plugin-license'
import type { SourceNotices } from './source-notices.mjs'

export interface Notice {
  name: string
  version: string
  licence: string | null
  text: string | null
}

export function noticesOutput(
  folder: string,
  bundle: string,
  sources: SourceNotices,
): (dependencies: Dependency[]) => void
export function bundledNotices(root: string): Notice[]
export function packageNotice(manifestFile: string): Notice
export function noticesText(notices: Notice[]): string
export function packageNotices(root: string): Notice[]
export function dataNotice(root: string): Notice
export function allNotices(root: string): Notice[]
