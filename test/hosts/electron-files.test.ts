import { expect, test, vi } from 'vitest'
import { fileInArguments } from '../../main/hosts/electron/files'

vi.mock('electron', () => ({ app: {}, dialog: {} }))

const given = (...argv: string[]) => fileInArguments(['residual-lab', ...argv], '/home/me')

test('a file is found as a path or as the address that a double click brings', () => {
  expect(given('mine.reslab')).toBe('/home/me/mine.reslab')
  expect(given('--disable-gpu', '/tmp/a b.json')).toBe('/tmp/a b.json')
  expect(given('file:///home/me/my%20block%20%C3%A9.reslab')).toBe('/home/me/my block é.reslab')
})

test('what is no file of this machine is none', () => {
  expect(given('file://elsewhere/mine.reslab')).toBeNull()
  expect(given('file:///home/%zz.reslab')).toBeNull()
  expect(given('--file.json', 'notes.txt')).toBeNull()
  expect(given()).toBeNull()
})
