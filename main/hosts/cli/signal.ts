import { seriesHeaders } from '../../trainer/engine/networks'
import { checkMemory, signalMemory } from '../../trainer/engine/memory'
import type { Experiment } from '../../../shared/experiment/experiment'
import { nonFiniteAsText, type SeriesHeader, type SeriesResult } from '../../../shared/protocol/protocol'
import { asDocument, runJob } from './job'

const VERSION = 1

/** `signal`: measures in the same trainer process that the workbench uses, and prints the contract's document or a table. */
export async function signalCommand(experiment: Experiment, json: boolean): Promise<void> {
  checkMemory(signalMemory(experiment))
  const { device, result } = await runJob('signal', { experiment: asDocument(experiment) })
  if (json) {
    const series = result.series.map(measuredSeries)
    print(JSON.stringify({ version: VERSION, device, experiment, series }, nonFiniteAsText, 2))
  } else {
    print(
      `${device.description}; ${experiment.blocks} blocks, width ${experiment.width}, n = ${experiment.replicas}`,
    )
    print(table(result.series))
  }
}

/** `theory`: as `signal`, nothing measured. */
export function theoryCommand(experiment: Experiment, json: boolean): void {
  const headers = seriesHeaders(experiment)
  if (json) {
    print(
      JSON.stringify({ version: VERSION, experiment, series: headers.map(theorySeries) }, nonFiniteAsText, 2),
    )
  } else {
    print(table(headers))
  }
}

function theorySeries({
  block,
  remedy,
  note,
  theory: { note: theoryNote, remark, ...theory },
}: SeriesHeader) {
  return { block, remedy, note, theory, theoryNote, theoryRemark: remark }
}

function measuredSeries(result: SeriesResult) {
  const { q, v, m, p, weightGradientNorm2 } = result
  const { block, remedy, note, ...theory } = theorySeries(result)
  return { block, remedy, note, q, v, m, p, weightGradientNorm2, ...theory }
}

/** The ends of the network, measured (mean) and in theory. */
function table(series: (SeriesHeader & Partial<SeriesResult>)[]): string {
  const isMeasured = series.some((one) => one.q)
  const rows = series.map((one) => {
    const last = one.theory.q ? one.theory.q.length - 1 : one.q ? one.q.mean.length - 1 : 0
    const cell = (quantity: 'q' | 'v' | 'm' | 'p') => {
      const k = quantity === 'p' ? 0 : last
      const theory = one.theory[quantity]?.[k]
      const measured = one[quantity]?.mean[k]
      return (isMeasured ? [measured, theory] : [theory])
        .map((x) => (x === undefined ? '-' : short(x)))
        .join(' / ')
    }
    return [one.block, one.remedy, cell('q'), cell('v'), cell('m'), cell('p')]
  })
  const head = ['block', 'remedy', 'q_L', 'v_L', 'm_L', 'p_0']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)))
  const line = (row: string[]) =>
    row
      .map((text, i) => text.padEnd(widths[i]))
      .join('  ')
      .trimEnd()
  const notes = series.flatMap((one) => (one.note ? [`${one.block} / ${one.remedy}: ${one.note}`] : []))
  return [
    line(head),
    ...rows.map(line),
    isMeasured ? 'measured (mean over replicas) / theory' : 'theory',
    ...notes,
  ].join('\n')
}

const short = (x: number) => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x))

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
