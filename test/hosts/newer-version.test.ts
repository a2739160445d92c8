import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { homepage } from '../../package.json'
import { askForNewer, releaseAddress } from '../../main/hosts/lab/newer-version'

let server: http.Server | undefined
afterEach(() => void server?.close())

/** What was asked, and a server that answers it. */
async function answering(text: string, status = 200) {
  const asked: http.IncomingMessage[] = []
  server = http.createServer((request, response) => {
    asked.push(request)
    response.writeHead(status, { location: '/elsewhere' }).end(text)
  })
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve))
  const home = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lab/`
  return { asked, home, address: releaseAddress(home)! }
}

test.each([
  ['https://example.org/lab/', 'https://example.org/lab/version.json'],
  ['http://example.org/', null],
  ['https://residual-lab.invalid/', null],
  ['https://invalid/', null],
  [undefined, null],
])('beside the home page %s: %s', (home, address) => {
  expect(releaseAddress(home)).toBe(address)
})

test('this program names no address yet, and so asks none', () => {
  expect(releaseAddress(homepage)).toBeNull()
})

describe('a newer version', () => {
  test.each([
    ['0.2.0', true],
    ['0.1.10', true],
    ['1.0.0-beta', true],
    ['0.1.9', false],
    ['0.1.8', false],
    ['0.0.12', false],
  ])('%s beside 0.1.9: %s', async (version, isNewer) => {
    const { address, home } = await answering(JSON.stringify({ version }))
    expect(await askForNewer(address, '0.1.9-test.electron22')).toEqual({
      isNewer,
      words: isNewer
        ? `Residual Lab ${version} has been published; this is 0.1.9-test.electron22. See ${home}`
        : 'This is the newest version, 0.1.9-test.electron22.',
    })
  })

  test('nothing is told but what is asked', async () => {
    const { asked, address } = await answering('{"version": "1.0.0"}')
    await askForNewer(address, '0.1.0')
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /lab/version.json'])
    expect(Object.keys(asked[0]!.headers).sort()).toEqual(['accept', 'connection', 'host'])
  })

  test.each([
    ['an error', 'none', 404, 'the server answered 404'],
    ['another address', 'none', 302, 'the server answered 302'],
    ['no JSON', '<html>', 200, 'this is not JSON'],
    ['no version', '{"version": "latest"}', 200, 'it names no version'],
    ['nothing known', 'null', 200, 'it names no version'],
    ['without end', ' '.repeat(10_000), 200, 'its answer is too long'],
  ])('an answer that is %s is said with its address', async (_name, text, status, why) => {
    const { address } = await answering(text, status)
    await expect(askForNewer(address, '0.1.0')).rejects.toThrow(
      new RegExp(`^${address} could not be asked for a newer version \\(.*${why}`),
    )
  })

  test('without a network that is said', async () => {
    const { address } = await answering('')
    server!.close()
    server!.closeAllConnections()
    await expect(askForNewer(address, '0.1.0')).rejects.toThrow('could not be asked for a newer version (')
  })
})
