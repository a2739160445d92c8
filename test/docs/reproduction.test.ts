import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { GROUPS, TOLERANCE, argumentsOf } from '../../bench/reproduce/figures.mjs'
import { curvesPicture } from '../../bench/reproduce/picture.mjs'
import { outcomesOf, report } from '../../bench/reproduce/report.mjs'

const statistics = (mean: number | string) => ({ mean, median: mean, low: mean, high: mean })

/** A series as `train --json` prints it, with errors in 0..1. */
function series(remedy: string, train: number, test: number, failure: { step: number } | null = null) {
  const of = (value: number) => ({ error: statistics(failure ? 'NaN' : value) })
  const alongside = (value: number) => {
    const values = [0.9, value]
    return { error: { mean: values, median: values, low: values, high: values } }
  }
  return {
    remedy,
    failure,
    curve: { step: [0, 10], train: alongside(train), test: alongside(test) },
    final: { train: of(train), test: of(test) },
  }
}

const document = (...all: object[]) => ({ device: { description: 'CPU' }, series: all })
const outside = (TOLERANCE + 0.1) / 100

describe('the report of reproduced figures', () => {
  test.each([
    [0, 0.33, true],
    [0, 0.33 - outside, false],
    [0, 0.35 + outside, false],
    [outside, 0.34, false],
  ])('train %s and test %s of the plain notebook network: within %s', (train, test, isWithin) => {
    const documents = new Map([['notebook/plain', document(series('none', train, test))]])
    const [plain, ...rest] = outcomesOf(documents)
    expect(plain.isWithin).toBe(isWithin)
    expect(rest.every((one) => one.isWithin === null)).toBe(true)
    const page = report(outcomesOf(documents), documents)
    expect(page).toContain(
      `**1 of 13 figures were run; ${isWithin ? 1 : 0} of these lie within the tolerance.**`,
    )
    expect(page).toContain('| residual | 0 | 30 to 31 | – | – | not run |')
  })

  test('a group of which nothing is made keeps what the page says of it', () => {
    const documents = new Map([['notebook/plain', document(series('none', 0, 0.34))]])
    const earlier = report(outcomesOf(documents), documents)
    const images = new Map([['images/resnet20', document(series('none', 0.08, 0.09))]])
    const page = report(outcomesOf(images), images, earlier)
    expect(page).toContain('**2 of 13 figures were run; 2 of these lie within the tolerance.**')
    expect(page).toContain('| plain | 0 | 33 to 35 | 0 (0 to 0) | 34 (34 to 34) | within |')
    expect(page).toContain('| ResNet-20 | 7.7 | 8.6 | 8 (8 to 8) | 9 (9 to 9) | within |')
  })

  test.each([
    [{ step: 3 }, true],
    [{ step: 400 }, false],
    [null, false],
  ])('what is to diverge in the first epoch and fails at %j: within %s', (failure, isWithin) => {
    const documents = new Map([['depth/residual-20', document(series('none', 0.1, 0.4, failure))]])
    const lost = outcomesOf(documents).find((one) => Object.hasOwn(one.figure.expected, 'lostWithin'))
    expect(lost!.isWithin).toBe(isWithin)
    if (failure) expect(report([lost!], documents)).toContain(`not finite from step ${failure.step} on`)
  })

  test('the picture has a band and a line for train and test of each network that is finite', () => {
    const all = document(series('none', 0, 0.3), series('batch-norm', 0, 0.3, { step: 1 }))
    const own = outcomesOf(new Map([['notebook/residual', all]])).filter((one) => one.series)
    const picture = curvesPicture(GROUPS[0], own)
    expect(picture.match(/<polyline/g)).toHaveLength(2)
    expect(picture.match(/<polygon/g)).toHaveLength(2)
    expect(picture).toContain('>residual</text>')
    expect(picture).not.toContain('NaN')
  })

  test('the page names the commands that are run now, and its pictures are there', () => {
    const page = readFileSync('docs/reproduction.md', 'utf8')
    for (const group of GROUPS)
      for (const one of group.trainings)
        expect(page).toContain(`npx residual-lab ${argumentsOf(group, one).join(' ')}\n`)
    const pictures = [...page.matchAll(/\]\((reproduction-\w+\.svg)\)/g)].map(([, name]) => name)
    expect(pictures.filter((name) => !existsSync(`docs/${name}`))).toEqual([])
  })
})
