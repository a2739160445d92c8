import { expect, test } from 'vitest'
import { InputError, named, nearest, suggestion } from '../../../shared/base/errors'

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

test('whatever is quoted, a message stays short, and is made at once', () => {
  const long = 'x'.repeat(10_000_000)
  const error = new InputError(long, `there is no "${long}"`, long)
  expect(error.message.length).toBeLessThan(6100)
  const find = () => named([{ name: 'relu' }], long, '--block', 'block')
  expect(find).toThrow(`--block: there is no block "${'x'.repeat(59)}…". There are relu.`)
})

test('whatever is quoted, a message is one line, and does nothing to the terminal that shows it', () => {
  const error = new InputError('file.a\nb', 'there is no "\x1b[2J\x07\u2028\u202Egnp"', 'Mend it.\r\n')
  expect(error.message).toBe('file.a b: there is no " [2J gnp". Mend it. ')
  expect(error).toMatchObject({ where: 'file.a b', advice: 'there is no " [2J gnp". Mend it. ' })
})

test('a misspelt name is met by the nearest one, and by none that is far', () => {
  const names = ['relu', 'linear', 'leaky-relu', 'conv-2d']
  expect(nearest('Linaer', names)).toBe('linear')
  expect(nearest('rleu', names)).toBe('relu')
  expect(nearest('conv2d', names)).toBe('conv-2d')
  expect(nearest('softmax', names)).toBeNull()
  // A distance would take minutes for it.
  expect(nearest('x'.repeat(10_000_000), names)).toBeNull()
  expect(suggestion('rleu', names, 'No.')).toBe('Did you mean "relu"?')
  expect(suggestion(3, names, 'No.')).toBe('No.')
})
