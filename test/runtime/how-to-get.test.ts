import { expect, test } from 'vitest'
import { howToGetLibrary } from '../../main/runtime/how-to-get'

test('how the library is got is said only where there is one', () => {
  for (const here of ['linux-x64', 'linux-arm64', 'darwin-arm64'])
    expect(howToGetLibrary(here)).toBe('`npx residual-lab runtime install` gets TensorFlow.')
  for (const here of ['win32-x64', 'win32-arm64', 'freebsd-x64']) expect(howToGetLibrary(here)).toBe('')
})
