import { beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../main/trainer/backend'
import { OPTIMIZERS, type OptimizerSettings } from '../../main/trainer/engine/optimizer'
import { defaultExperiment } from '../../shared/settings/table'
import { testBackend } from './backend'

let backend: Backend
beforeAll(async () => {
  backend = await testBackend()
})

const RATE = 0.05
/** One number that is learned, and the gradients that it gets, some of them zero. */
const START = 0.7
const GRADIENTS = [0.3, -1.2, 0, 0.05, 2]

/** PyTorch's documentation of each optimizer, in float64, for one number; what is remembered is in `own`. */
type Reference = (w: number, g: number, own: { m: number; s: number }, t: number) => number

/** @returns the number after each update by the engine's optimizer, two networks at once */
function engine(settings: OptimizerSettings): number[] {
  const { tf } = backend
  const optimizer = OPTIMIZERS[settings.optimizer]
  return tf.tidy(() => {
    let parameter = tf.tensor([START, -START], [2, 1, 1]) as never
    let slots = optimizer.slots(settings).map(() => tf.zeros([2, 1, 1]) as never)
    return GRADIENTS.map((g, i) => {
      const factors = optimizer.factors(settings, RATE, i + 1).map((factor) => tf.scalar(factor) as never)
      const gradient = tf.tensor([g, -g], [2, 1, 1]) as never
      const after = optimizer.update(tf, { parameter, gradient, slots, factors }, settings)
      parameter = after.parameter as never
      slots = after.slots as never[]
      const [one, other] = after.parameter.dataSync()
      // Networks do not see each other.
      expect(other).toBe(-one)
      return one
    })
  })
}

const adam: Reference = (w, g, own, t) => {
  own.m = 0.9 * own.m + 0.1 * g
  own.s = 0.999 * own.s + 0.001 * g ** 2
  return w - (RATE * (own.m / (1 - 0.9 ** t))) / (Math.sqrt(own.s / (1 - 0.999 ** t)) + 1e-8)
}

const CASES: [string, Partial<OptimizerSettings>, Reference][] = [
  ['SGD', { momentum: 0 }, (w, g) => w - RATE * g],
  ['SGD with momentum', {}, (w, g, own) => w - RATE * (own.m = 0.9 * own.m + g)],
  [
    'SGD with Nesterov’s and weight decay',
    { nesterov: 'on', weightDecay: 0.2 },
    (w, g, own) => {
      const decayed = g + 0.2 * w
      own.m = 0.9 * own.m + decayed
      return w - RATE * (decayed + 0.9 * own.m)
    },
  ],
  ['Adam', { optimizer: 'adam' }, adam],
  [
    'Adam with weight decay',
    { optimizer: 'adam', weightDecay: 0.2 },
    (w, g, own, t) => adam(w, g + 0.2 * w, own, t),
  ],
  [
    'AdamW',
    { optimizer: 'adamw', weightDecay: 0.2 },
    (w, g, own, t) => adam(w * (1 - RATE * 0.2), g, own, t),
  ],
  [
    'RMSProp',
    { optimizer: 'rmsprop', momentum: 0, beta2: 0.99 },
    (w, g, own) => w - (RATE * g) / (Math.sqrt((own.s = 0.99 * own.s + 0.01 * g ** 2)) + 1e-8),
  ],
  [
    'RMSProp with momentum and weight decay',
    { optimizer: 'rmsprop', beta2: 0.99, weightDecay: 0.2 },
    (w, g, own) => {
      const decayed = g + 0.2 * w
      own.s = 0.99 * own.s + 0.01 * decayed ** 2
      own.m = 0.9 * own.m + decayed / (Math.sqrt(own.s) + 1e-8)
      return w - RATE * own.m
    },
  ],
]

test.each(CASES)('%s is what PyTorch’s documentation says', (_, changes, reference) => {
  const own = { m: 0, s: 0 }
  let w = START
  const expected = GRADIENTS.map((g, i) => (w = reference(w, g, own, i + 1)))
  engine({ ...defaultExperiment(), ...changes }).forEach((value, i) =>
    expect(value).toBeCloseTo(expected[i], 5),
  )
})
