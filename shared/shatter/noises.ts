import { NEUTRAL, type Appearance } from '../charts/appearance'

/** What the autocorrelation of gradients is held against. */
export const NOISE_KINDS = ['white', 'brown'] as const
export type NoiseKind = (typeof NOISE_KINDS)[number]

export const NOISES: Readonly<Record<NoiseKind, { name: string; colour: string }>> = {
  white: { name: 'White noise', colour: NEUTRAL },
  brown: { name: 'Brown noise', colour: '#a6713f' },
}

export const noiseLook = (kind: NoiseKind): Appearance => ({
  ...{ colour: NOISES[kind].colour, marker: '', filling: 'full', width: 1.2 },
})
