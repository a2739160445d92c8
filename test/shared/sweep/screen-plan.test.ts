import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../shared/base/errors'
import { openingExperiment, parseExperiment } from '../../../shared/experiment/experiment'
import { defaultExperiment } from '../../../shared/settings/table'
import { parseSweepSection, withSwept, withoutSwept } from '../../../shared/settings/sweep'
import { sweepCommand } from '../../../shared/sweep/command'
import { pointKey, sweepId } from '../../../shared/sweep/identity'
import { screenSweep } from '../../../shared/sweep/screen-plan'

const small = { ...defaultExperiment(), width: 8, replicas: 2, batch: 8 }

describe('a sweep on the screen', () => {
  test('is a map of depth by gain where the experiment says nothing', () => {
    const { command, swept, points } = screenSweep(openingExperiment())
    expect(command).toBe('signal')
    expect(swept.map(({ key, values }) => [key, values.length])).toEqual([
      ['blocks', 7],
      ['gain', 7],
    ])
    expect(points).toHaveLength(49)
    expect(points[8]).toMatchObject({ index: 8, settings: { blocks: 4, gain: swept[1].values[1] } })
    expect(points[8].experiment).toMatchObject({ blocks: 4, gain: swept[1].values[1], compare: [] })
  })

  test('has the names that the command line’s sweep has', () => {
    const document = {
      ...withSwept(withSwept(small, 'gain', '0.5..1.5 : 3'), 'blocks', '1, 2'),
      // What the command has no option for, and what other views ask.
      ...{ learningRate: 0.5, compare: ['practical'], depth: { depths: [2], skip: 'on' as const } },
    }
    expect(sweepCommand(document)).toBe(
      'npx residual-lab sweep signal --block relu-linear --width 8 --batch 8 --replicas 2 ' +
        '--blocks 1,2 --gain 0.5..1.5:3',
    )
    const { id, points, swept } = screenSweep(document)
    const asked = (index: number) => ({
      experiment: parseExperiment({ ...small, ...points[index].settings }),
      beside: {},
    })
    expect(id).toBe(sweepId('signal', asked(0), swept))
    expect(points.map(({ key }) => key)).toEqual(points.map((_, i) => pointKey('signal', asked(i))))
  })

  test('over steps leaves epochs out, as the command does', () => {
    const document = {
      ...withSwept({ ...small, epochs: 3 }, 'steps', '10,20'),
    }
    const training = { ...document, sweep: { ...document.sweep!, command: 'train' as const } }
    expect(screenSweep(training).points.map(({ experiment: { steps, epochs } }) => [steps, epochs])).toEqual([
      [10, 0],
      [20, 0],
    ])
    expect(sweepCommand(training)).toMatch(/^npx residual-lab sweep train .* --steps 10,20$/)
    expect(sweepCommand(training)).not.toContain('--epochs')
  })

  test.each([
    ['replicas', 'train', 'x: it changes nothing about how these networks learn.'],
    ['learningRate', 'signal', 'x: it acts in training alone.'],
  ] as const)('over %s is refused for %s', (key, command, message) => {
    const { sweep, ...rest } = withSwept(small, key, '1,2')
    expect(said(() => screenSweep({ ...rest, sweep: { ...sweep!, command } }))).toContain(
      message.split(': ')[1].replace(/\.$/, ''),
    )
  })
})

describe('the section of an experiment', () => {
  test('goes into a file and back', () => {
    const document = withSwept(small, 'gain', '1e-3..1 log 7')
    expect(parseExperiment(JSON.parse(JSON.stringify(document)), 'file').sweep).toEqual(document.sweep)
    expect(document.sweep).toEqual({ command: 'signal', swept: { gain: '1e-3..1 log 7' } })
    expect(withoutSwept(document, 'gain').sweep).toEqual({ command: 'signal', swept: {} })
    expect(withoutSwept(document, 'width')).toBe(document)
  })

  test('refuses a third setting, wrong values and what is none', () => {
    const two = withSwept(withSwept(small, 'gain', '1,2'), 'blocks', '1..3')
    expect(said(() => withSwept(two, 'width', '4,8'))).toMatch(/Depth L.* are swept already/)
    expect(said(() => withSwept(small, 'blocks', '0..3'))).toContain('0')
    expect(said(() => parseSweepSection({ swept: { gain: '1' } }, 'f.sweep'))).toContain(
      'f.sweep.swept.gain: "1" is no list and no range',
    )
    expect(said(() => parseSweepSection({ swept: { block: '1,2' } }, 'f.sweep'))).toContain('block')
    expect(said(() => parseSweepSection({ command: 'dance' }, 'f.sweep'))).toContain('dance')
  })
})

function said(act: () => unknown): string {
  try {
    act()
    return ''
  } catch (error) {
    return messageOf(error)
  }
}
