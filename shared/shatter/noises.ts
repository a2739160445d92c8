import { NEUTRAL, type Appearance } from '../charts/appearance'
import type { LineSeries } from '../charts/line-chart'

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

/** Their mean autocorrelations as a chart over lags draws them: dashed, as all that is not measured. */
export const noiseLines = (
  references: Readonly<Record<NoiseKind, { mean: readonly number[] }>>,
  look: (kind: NoiseKind) => Appearance = noiseLook,
): LineSeries[] =>
  NOISE_KINDS.map((kind) => ({
    ...{ id: kind, label: NOISES[kind].name, dashed: true, appearance: look(kind) },
    points: references[kind].mean.map((y, x) => ({ x, y })),
  }))
