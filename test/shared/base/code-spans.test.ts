import { expect, test } from 'vitest'
import { codeSpans, withoutCodeSpans } from '../../../shared/base/code-spans'

test('what stands between two backticks is code', () => {
  expect(codeSpans('Run `npx residual-lab runtime install`, or `nvidia-smi -L`.')).toEqual([
    { text: 'Run ', isCode: false },
    { text: 'npx residual-lab runtime install', isCode: true },
    { text: ', or ', isCode: false },
    { text: 'nvidia-smi -L', isCode: true },
    { text: '.', isCode: false },
  ])
  expect(codeSpans('`runtime status` says it.')).toEqual([
    { text: 'runtime status', isCode: true },
    { text: ' says it.', isCode: false },
  ])
})

test('a lone backtick, two with nothing between them, and none are as they are', () => {
  for (const sentence of ['No command.', 'A file named a`b.', 'Nothing between `` them.'])
    expect(codeSpans(sentence)).toEqual([{ text: sentence, isCode: false }])
  expect(codeSpans('')).toEqual([])
})

test('where nothing can be set as code it is in quotation marks', () => {
  expect(withoutCodeSpans('Run `npm ci` in the checkout.')).toBe('Run “npm ci” in the checkout.')
  expect(withoutCodeSpans('The CPU computes.')).toBe('The CPU computes.')
})
