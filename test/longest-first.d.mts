import { BaseSequencer } from 'vitest/node'

export const LONG: readonly string[]
export function longestFirst<T extends { moduleId: string }>(files: readonly T[]): T[]
export class LongestFirst extends BaseSequencer {}
