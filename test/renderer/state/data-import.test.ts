import { expect, test } from 'vitest'
import { inFormWords, nameOf } from '../../../renderer/state/data-import.svelte'

test('what the command calls an option the form calls by its field', () => {
  expect(inFormWords('--test-share: "x" is not a number. Give one from 0.01 to 0.99.')).toBe(
    'Test share: "x" is not a number. Give one from 0.01 to 0.99.',
  )
  expect(inFormWords('b/2.png: … Give all one size: --size 32x32.')).toBe(
    'b/2.png: … Give all one size: Size of pictures 32x32.',
  )
  expect(inFormWords('it -- and --from are none')).toBe('it -- and --from are none')
})

test('a data set’s name comes of its file’s', () => {
  expect(nameOf('My trees.csv')).toBe('my-trees')
  expect(nameOf('train-images.idx3-ubyte.gz')).toBe('train-images-idx3-ubyte')
})
