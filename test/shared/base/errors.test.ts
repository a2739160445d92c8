import { expect, test } from 'vitest'
import { InputError } from '../../../shared/base/errors'

test('bad input in parts: where, what, hint; one line for a log, and without the place beside a control', () => {
  const error = new InputError('network.stages[0].width', 'a width of 0 is too small', 'Use 1 to 16384.')
  expect(error).toMatchObject({
    where: 'network.stages[0].width',
    what: 'a width of 0 is too small',
    hint: 'Use 1 to 16384.',
    message: 'network.stages[0].width: a width of 0 is too small. Use 1 to 16384.',
    advice: 'a width of 0 is too small. Use 1 to 16384.',
    sentence: 'A width of 0 is too small. Use 1 to 16384.',
  })
})
