import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import * as http from 'node:http'
import type { AddressInfo } from 'node:net'
import * as path from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { installRuntime } from '../../main/runtime'
import { download, fetchText } from '../../main/runtime/download'
import { fakes, temporary } from './fakes'

const servers: http.Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

/** Serves one body with ranges; the first answer breaks off after `breakAt` bytes. */
async function serve(
  body: Buffer,
  breakAt?: number,
): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = []
  const server = http.createServer((request, response) => {
    const range = request.headers.range
    ranges.push(range)
    const from = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
    response.writeHead(range ? 206 : 200, { 'content-length': body.length - from })
    if (breakAt !== undefined && ranges.length === 1) {
      response.write(body.subarray(0, breakAt), () => setTimeout(() => response.destroy(), 50))
    } else response.end(body.subarray(from))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges }
}

it('goes on where a broken download stopped', async () => {
  const body = randomBytes(300_000)
  const { url, ranges } = await serve(body, 100_000)
  const target = path.join(temporary(), 'file')
  await expect(download(url, target)).rejects.toThrow()
  const { size } = fs.statSync(target)
  expect(size).toBeGreaterThan(0)
  expect(size).toBeLessThanOrEqual(100_000)
  const seen: number[] = []
  await download(url, target, {
    onBytes: (done, total) => void (expect(total).toBe(300_000), seen.push(done)),
  })
  expect(ranges).toEqual([undefined, `bytes=${size}-`])
  expect(fs.readFileSync(target).equals(body)).toBe(true)
  expect(seen[seen.length - 1]).toBe(300_000)
})

it('follows redirects, to other servers too and not without end, and says where a page came from', async () => {
  const { url } = await serve(Buffer.from('the page'))
  const from = http.createServer((request, response) => {
    const location = request.url === '/round' ? '/round' : `${url}there`
    response.writeHead(302, { location }).end()
  })
  servers.push(from)
  await new Promise<void>((resolve) => from.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(from.address() as AddressInfo).port}`
  const page = { accept: 'text/html', most: 8 }
  expect(await fetchText(address, page)).toEqual({ text: 'the page', url: `${url}there` })
  await expect(fetchText(address, { ...page, most: 7 })).rejects.toThrow('the page is too large')
  await expect(fetchText(`${address}/round`, page)).rejects.toThrow('the server answered 302')
  const target = path.join(temporary(), 'file')
  await download(address, target)
  expect(fs.readFileSync(target, 'utf8')).toBe('the page')
  await expect(download(`${address}/round`, target)).rejects.toThrow('the server answered 302')
})

it('installs libtensorflow from the official download', async () => {
  const lab = fakes({ python: false })
  const tree = path.join(lab.folder, 'tree')
  fs.mkdirSync(path.join(tree, 'include/tensorflow/c/eager'), { recursive: true })
  fs.mkdirSync(path.join(tree, 'lib'))
  fs.writeFileSync(path.join(tree, 'include/tensorflow/c/eager/c_api.h'), '')
  for (const name of ['libtensorflow', 'libtensorflow_framework']) {
    fs.writeFileSync(path.join(tree, `lib/${name}.so.2.9.1`), name)
    fs.symlinkSync(`${name}.so.2.9.1`, path.join(tree, `lib/${name}.so.2`))
  }
  const archive = path.join(lab.folder, 'lib.tar.gz')
  execFileSync('tar', ['-czf', archive, '-C', tree, '.'])
  const body = fs.readFileSync(archive)
  const { url } = await serve(body)
  const sha256 = createHash('sha256').update(body).digest('hex')
  const official = { 'linux-x64': { version: '2.9.1', path: 'lib.tar.gz', sha256, unpackedBytes: 1000 } }
  const answer = { code: 0, output: 'CHECK {"version":"2.9.1","gpu":false,"result":[19,22,43,50]}' }
  const env = {
    TFJS_NODE_CDN_STORAGE: url,
    PATH: `${lab.folder}/bin:${process.env.PATH}`,
    CXX: `${lab.folder}/bin/g++`,
  }
  const options = lab.options({ official, runCheck: () => Promise.resolve(answer) }, env)
  expect(await installRuntime(options)).toMatchObject({ version: '2.9.1', source: 'official' })
  expect(lab.downloads()).toEqual([])
})

it('falls back to the wheel when the official download cannot be had or is not what it should be', async () => {
  for (const storage of ['http://127.0.0.1:9/', (await serve(Buffer.from('something else'))).url]) {
    const lab = fakes()
    const official = {
      'linux-x64': { version: '2.9.1', path: 'lib.tar.gz', sha256: 'x', unpackedBytes: 1000 },
    }
    const library = await installRuntime(lab.options({ official }, { TFJS_NODE_CDN_STORAGE: storage }))
    expect(library.source).toBe('wheel')
  }
})
