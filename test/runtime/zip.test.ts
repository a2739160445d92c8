import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { unpack } from '../../main/runtime/zip'
import { temporary, zip } from './fakes'

let folder: string
beforeEach(() => (folder = temporary()))

const all = (name: string) => name
function archive(content: Buffer): string {
  const file = join(folder, 'archive.zip')
  writeFileSync(file, content)
  return file
}

describe('unpacking a zip file', () => {
  test('the members that have a place are written, and progress counts their bytes', async () => {
    const file = archive(zip({ 'a/one.txt': 'first', 'b/two.txt': 'second', 'c.txt': 'left out' }))
    const seen: [number, number][] = []
    const place = (name: string) => (name === 'c.txt' ? null : name)
    const count = await unpack(file, join(folder, 'out'), place, { onBytes: (...at) => seen.push(at) })
    expect(count).toBe(2)
    expect(readFileSync(join(folder, 'out/a/one.txt'), 'utf8')).toBe('first')
    expect(readFileSync(join(folder, 'out/b/two.txt'), 'utf8')).toBe('second')
    expect(seen.at(-1)).toEqual([11, 11])
  })

  test.each(['../outside.txt', '/tmp/outside.txt', 'a/../../outside.txt'])(
    'a member named %s is refused',
    async (name) => {
      const file = archive(zip({ [name]: 'no' }))
      await expect(unpack(file, join(folder, 'out'), all)).rejects.toThrow(
        /relative path|absolute path|unsafe/,
      )
    },
  )

  test('a place outside the folder is refused, whatever the member is called', async () => {
    const file = archive(zip({ 'a.txt': 'no' }))
    await expect(unpack(file, join(folder, 'out'), () => '../b.txt')).rejects.toThrow('unsafe name a.txt')
  })

  test('what is no zip file, and one that was cut off, say so', async () => {
    await expect(unpack(archive(Buffer.from('hello'.repeat(99))), folder, all)).rejects.toThrow(
      /end of central/i,
    )
    const whole = zip({ 'a.txt': 'x'.repeat(1000) })
    await expect(unpack(archive(whole.subarray(0, 40)), folder, all)).rejects.toThrow()
  })
})
