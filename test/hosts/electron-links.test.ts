import { beforeEach, expect, test, vi } from 'vitest'

const app = vi.hoisted(() => ({ isPackaged: true, setAsDefaultProtocolClient: vi.fn(), on: vi.fn() }))
vi.mock('electron', () => ({ app }))

import { fileInArguments } from '../../main/hosts/electron/files'
import { linkInArguments, setupLinks, withoutLinks } from '../../main/hosts/electron/links'

const link = 'residual-lab://block/abc'
beforeEach(() => vi.clearAllMocks())

test('the link in a command line is found, whatever is around it', () => {
  expect(linkInArguments(['residual-lab', '--no-sandbox', link])).toBe(link)
  expect(linkInArguments([link])).toBeNull()
  expect(linkInArguments(['residual-lab', 'file.json'])).toBeNull()
  expect(linkInArguments(['residual-lab', 'https://residual-lab://block/abc'])).toBeNull()
  expect(linkInArguments(['residual-lab', `${link}${'a'.repeat(40_000)}`])).toBeNull()
})

test('a link that ends like a file opens no file', () => {
  const argv = ['residual-lab', 'residual-lab://block/../../secret.json']
  expect(fileInArguments(withoutLinks(argv), '/home')).toBeNull()
  expect(fileInArguments(withoutLinks([...argv, 'mine.json']), '/home')).toBe('/home/mine.json')
})

test('links come as an event where the system sends one, and nothing else does', () => {
  const found: string[] = []
  setupLinks((one) => found.push(one))
  expect(app.setAsDefaultProtocolClient).toHaveBeenCalledWith('residual-lab')
  const [name, listen] = app.on.mock.calls[0] as [string, (event: object, url: string) => void]
  expect(name).toBe('open-url')
  const event = { preventDefault: vi.fn() }
  for (const url of [link, 'https://example.org', 'file:///etc/passwd', `${link}${'a'.repeat(40_000)}`])
    listen(event, url)
  expect(found).toEqual([link])
  expect(event.preventDefault).toHaveBeenCalledTimes(4)
})

test('only the installed program takes the system’s links', () => {
  app.isPackaged = false
  setupLinks(() => {})
  expect(app.setAsDefaultProtocolClient).not.toHaveBeenCalled()
})
