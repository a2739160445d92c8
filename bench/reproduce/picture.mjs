/** Errors over training as an SVG with real text: solid test, dashed train, bands the 5th to 95th percentile. */

/** Okabe and Ito's colours, dark enough on white. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#000000', '#56b4e9', '#e69f00', '#999999']
const PLOT = { left: 60, top: 40, width: 520, height: 300 }
const KEY_WIDTH = 250

export function curvesPicture(group, outcomes) {
  const drawn = outcomes.filter(({ series }) => !series.failure)
  const last = Math.max(1, ...drawn.map(({ series }) => series.curve.step.at(-1)))
  const { left, top, width, height } = PLOT
  const x = (step) => left + (width * step) / last
  const y = (error) => top + height * (1 - Number(error))
  const point = (step, error) => `${x(step).toFixed(1)},${y(error).toFixed(1)}`
  const line = (steps, values) => steps.map((step, i) => point(step, values[i])).join(' ')
  const band = (steps, { low, high }) =>
    `${line(steps, high)} ${line([...steps].reverse(), [...low].reverse())}`
  const curves = drawn.flatMap(({ series: { curve } }, i) => {
    const colour = COLOURS[i % COLOURS.length]
    return ['test', 'train'].flatMap((samples) => {
      const { error } = curve[samples]
      const dash = samples === 'train' ? ' stroke-dasharray="5 4"' : ''
      return [
        `<polygon points="${band(curve.step, error)}" fill="${colour}" fill-opacity=".12"/>`,
        `<polyline points="${line(curve.step, error.mean)}" fill="none" stroke="${colour}"${dash}/>`,
      ]
    })
  })
  const ticks = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((error) => [
    `<line x1="${left}" x2="${left + width}" y1="${y(error)}" y2="${y(error)}" stroke="#ddd"/>`,
    `<text x="${left - 8}" y="${y(error) + 4}" text-anchor="end">${100 * error} %</text>`,
  ])
  const steps = [0, last / 2, last].map(
    (step) => `<text x="${x(step)}" y="${top + height + 20}" text-anchor="middle">${step}</text>`,
  )
  const key = drawn.flatMap(({ figure }, i) => [
    `<line x1="${left + width + 20}" x2="${left + width + 44}" y1="${top + 6 + 20 * i}" y2="${top + 6 + 20 * i}" ` +
      `stroke="${COLOURS[i % COLOURS.length]}" stroke-width="2"/>`,
    `<text x="${left + width + 52}" y="${top + 10 + 20 * i}">${escaped(figure.name)}</text>`,
  ])
  const n = group.options.seeds
  const [w, h] = [left + width + KEY_WIDTH, top + height + 48]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"`,
    ' font-family="system-ui, sans-serif" font-size="12">',
    `<rect width="${w}" height="${h}" fill="#fff"/>`,
    `<text x="${left}" y="20" font-size="14">${escaped(group.title)}</text>`,
    ...ticks,
    ...steps,
    ...curves,
    ...key,
    `<text x="${left}" y="${h - 10}">Error over steps. Solid: test, dashed: train; ` +
      `mean and 5th to 95th percentile, n = ${n}.</text>`,
    '</svg>',
    '',
  ].join('\n')
}

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
