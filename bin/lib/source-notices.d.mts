import type { Plugin } from 'vite'

export interface SourceNotices {
  collect: Plugin
  beside(name: string | null, text: string | null): string | null
}

export function noticesIn(source: string): string[]
export function sourceNotices(): SourceNotices
