import { describe, expect, test } from 'vitest'
import { FramePace } from '../../main/trainer/engine/frame-pace'

/** Trains by a clock of its own: how many frames, and what share of the time they took. */
function train(plain: number, frame: number, steps: number, noise: (step: number) => number = () => 0) {
  const pace = new FramePace()
  let [now, frames, longest, last] = [0, 0, 0, 0]
  for (let step = 0; step < steps; step++) {
    const hasFrame = pace.isDue(now)
    if (hasFrame) {
      longest = Math.max(longest, now - last)
      last = now
      frames++
    }
    const took = plain + noise(step) + (hasFrame ? frame : 0)
    pace.took(took, hasFrame, now)
    now += took
  }
  return { frames, longest, perSecond: (1000 * frames) / now, share: (frames * frame) / now }
}

describe('frames while networks train', () => {
  test('come as often as the screen shows them where they cost little', () => {
    const { perSecond } = train(4, 0.5, 5000)
    expect(perSecond).toBeGreaterThan(14)
    expect(perSecond).toBeLessThan(15.01)
  })

  test.each([
    [80, 10],
    [400, 60],
    [2, 5],
    [5000, 600],
    [40, 40],
  ])('take a twentieth of the time at most: steps of %d ms, frames of %d ms', (plain, frame) => {
    const { share, longest } = train(plain, frame, 3000)
    expect(share).toBeLessThan(0.052)
    // And no rarer than that asks for, or than steps are.
    expect(longest).toBeLessThanOrEqual(20 * frame + 2 * plain + frame)
  })

  test('are not put off by one long step, nor hurried by one short', () => {
    const { share, longest } = train(80, 10, 2000, (step) => (step % 50 === 0 ? 1000 : 0))
    expect(share).toBeLessThan(0.052)
    expect(longest).toBeLessThan(200 + 3 * 80 + 1000)
  })

  test('take no more where steps take now longer and now shorter than a frame', () => {
    const { share } = train(125, 19, 4000, (step) => 30 * Math.sin(step * 2.4) + 15 * Math.sin(step * 0.7))
    expect(share).toBeLessThan(0.07)
  })

  test('follow steps without, which tell what those take', () => {
    expect(train(100, 0, 1).frames).toBe(0)
    expect(train(100, 0, 2).frames).toBe(1)
    expect(train(100, 0, 4).frames).toBe(2)
  })
})
