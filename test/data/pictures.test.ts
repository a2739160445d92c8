import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { PNG } from 'pngjs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { importSamples } from '../../main/data/import'
import { decodePicture } from '../../main/data/picture'
import { readSamples } from '../../main/data/read-file'

let folder: string
beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'))))
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

/** Written by Pillow 11 from one picture of 8 × 6 pixels. */
const real = (name: string) => fs.readFileSync(path.join(import.meta.dirname, 'pictures', name))

function png(columns: number, rows: number, colour: [number, number, number]): Buffer {
  const picture = new PNG({ width: columns, height: rows })
  for (let i = 0; i < rows * columns; i++) picture.data.set([...colour, 255], 4 * i)
  return PNG.sync.write(picture)
}

/** Files by their paths, in a folder called flowers. */
function flowers(files: Record<string, Uint8Array | string>): string {
  const root = path.join(folder, 'flowers')
  for (const [own, content] of Object.entries(files)) {
    const file = path.join(root, own)
    fs.mkdirSync(own.endsWith('/') ? file : path.dirname(file), { recursive: true })
    if (!own.endsWith('/')) fs.writeFileSync(file, content)
  }
  return root
}

const BLUE: [number, number, number] = [10, 20, 200]
const GREY: [number, number, number] = [90, 90, 90]

/** As many pictures of each class, of one colour each. */
const classes = (count: number, prefix = '') =>
  Object.fromEntries(
    ['tulip', 'rose'].flatMap((name, c) =>
      Array.from({ length: count }, (_, i) => [`${prefix}${name}/${i}.png`, png(4, 3, [100 * c, i, 7])]),
    ),
  )

async function zipped(files: Record<string, Uint8Array>): Promise<string> {
  const zip = new ZipFile()
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(Buffer.from(bytes), name)
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  const file = path.join(folder, 'flowers.zip')
  fs.writeFileSync(file, Buffer.concat(parts))
  return file
}

describe('pictures that another program wrote', () => {
  const first = [20, 10, 20, 36, 10, 20, 52, 10, 20]
  test.each([
    ['colour.png', first, 0],
    ['palette.png', [36, 10, 20, 36, 10, 20, 36, 10, 20], 0],
    ['grey.png', [14, 14, 14, 19, 19, 19, 24, 24, 24], 0],
    // Laid on white: half of 20 and half of 255, and so on.
    ['half.png', first.map((value) => (128 * value + 127 * 255) / 255), 0.51],
    // Decoders may round otherwise, and enlarge colours otherwise.
    ['baseline.jpg', [21, 9, 19, 34, 10, 23, 52, 10, 22], 2],
    ['progressive.jpg', [21, 12, 5, 30, 15, 10, 44, 16, 15], 12],
    ['grey.jpg', [14, 14, 14, 19, 19, 19, 24, 24, 24], 1],
  ])('%s', (name, expected, tolerance) => {
    const { rows, columns, channels, pixels } = decodePicture(real(name), name)
    expect([rows, columns, channels, pixels.length]).toEqual([6, 8, 3, 6 * 8 * 3])
    expected.forEach((value, i) => expect(Math.abs(pixels[i] - value)).toBeLessThanOrEqual(tolerance))
  })

  test.each(['colour.png', 'baseline.jpg', 'progressive.jpg', 'grey.jpg'])(
    '%s cut off is refused',
    (name) => {
      const bytes = real(name)
      for (const share of [0.3, 0.6, 0.9])
        expect(() => decodePicture(bytes.subarray(0, Math.floor(share * bytes.length)), name)).toThrow(
          `${name}: it is cut off or damaged`,
        )
    },
  )

  test('a header that asks for more than memory is refused before there is room made for it', () => {
    const bytes = Buffer.from(real('colour.png'))
    bytes.writeUInt32BE(60_000, 16)
    bytes.writeUInt32BE(60_000, 20)
    expect(() => decodePicture(bytes, 'a.png')).toThrow(
      'a.png: it has 60,000 × 60,000 pixels, more than 33,554,432.',
    )
    const jpeg = Buffer.from(real('baseline.jpg'))
    const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
    jpeg.writeUInt16BE(60_000, frame + 5)
    jpeg.writeUInt16BE(60_000, frame + 7)
    expect(() => decodePicture(jpeg, 'a.jpg')).toThrow('a.jpg: it has too many pixels, more than 33,554,432.')
  })
})

describe('a folder of pictures by class', () => {
  test('classes are the folders, sorted; colours are channels', async () => {
    const found = await readSamples(flowers(classes(2)))
    expect(found).toMatchObject({
      shape: { units: 3, rows: 3, columns: 4 },
      classNames: ['rose', 'tulip'],
      test: null,
      notes: [],
    })
    expect([...found.y]).toEqual([0, 0, 1, 1])
    expect([...found.x.subarray(0, 6)]).toEqual([100, 0, 7, 100, 0, 7])
  })

  test('pictures that are all grey have one channel; so have others, if that is asked for', async () => {
    const both = { 'a/1.png': png(4, 3, GREY), 'b/1.png': png(4, 3, GREY) }
    expect(await readSamples(flowers(both))).toMatchObject({
      shape: { units: 1 },
      x: new Uint8Array(24).fill(90),
    })
    const root = flowers({ 'b/2.png': png(4, 3, BLUE) })
    const mixed = await readSamples(root)
    expect(mixed.shape.units).toBe(3)
    expect([...mixed.x.subarray(0, 3), ...mixed.x.subarray(-3)]).toEqual([...GREY, ...BLUE])
    const greyed = await readSamples(root, { grey: true })
    expect(greyed.shape.units).toBe(1)
    expect(greyed.x[2 * 12]).toBe(Math.round(0.299 * 10 + 0.587 * 20 + 0.114 * 200))
  })

  test('other sizes are brought to the one that is asked for', async () => {
    const root = flowers({
      'a/1.png': png(4, 3, BLUE),
      'b/1.png': png(9, 5, BLUE),
      'b/2.jpg': real('baseline.jpg'),
    })
    const { shape, x } = await readSamples(root, { size: { rows: 2, columns: 6 } })
    expect(shape).toEqual({ units: 3, rows: 2, columns: 6 })
    expect([...x.subarray(36, 39)]).toEqual(BLUE)
  })

  test('folders called train and test set the test apart; what is around them, and litter, is nothing', async () => {
    const root = flowers({
      ...classes(3, 'flowers-1.2/Train/'),
      ...classes(2, 'flowers-1.2/val/'),
      'flowers-1.2/.DS_Store': 'x',
      'flowers-1.2/Train/rose/Thumbs.db': 'x',
      'flowers-1.2/Train/LICENSE': 'do what you like',
    })
    const found = await readSamples(root)
    expect(found).toMatchObject({ test: 4, classNames: ['rose', 'tulip'] })
    expect(found.notes).toEqual(['Train/LICENSE: no picture, and left out.'])
    expect(found.y).toHaveLength(10)
  })

  test('beside a test, what is for validation is left out, and that is said', async () => {
    const root = flowers({ ...classes(3, 'train/'), ...classes(2, 'test/'), ...classes(1, 'val/') })
    const { test: count, notes } = await readSamples(root)
    expect([count, notes]).toEqual([4, ['val: left out; test is what is tested on.']])
  })

  test('a zip of it gives the same', async () => {
    const files = classes(6)
    const own = { name: 'flowers', testShare: 0.25, seed: 1 }
    const fromFolder = await importSamples(flowers(files), own)
    const inside = Object.fromEntries(
      Object.entries(files).map(([name, bytes]) => [`flowers/${name}`, bytes]),
    )
    const fromZip = await importSamples(
      await zipped({ ...inside, '__MACOSX/flowers/._1.png': Buffer.from('x') }),
      own,
    )
    expect(fromZip.data.description.sha256).toBe(fromFolder.data.description.sha256)
    expect(fromFolder.data.description).toMatchObject({ training: 9, test: 3, classes: 2 })
  })

  test.skipIf(process.platform === 'win32')(
    'links within the folder are followed, others are refused',
    async () => {
      const root = flowers(classes(2))
      fs.symlinkSync('0.png', path.join(root, 'rose', 'again.png'))
      expect((await readSamples(root)).y).toHaveLength(5)
      const out = path.join(folder, 'secret.png')
      fs.writeFileSync(out, png(4, 3, BLUE))
      const refused = async (target: string, what: string) => {
        const link = path.join(root, 'rose', 'link.png')
        fs.symlinkSync(target, link)
        await expect(readSamples(root)).rejects.toThrow(`rose/link.png: ${what}.`)
        fs.unlinkSync(link)
      }
      await refused(out, 'it is a link that leads out of the folder')
      await refused('nowhere.png', 'it is a link to what is not there')
      await refused('../tulip', 'it is a link to a folder')
    },
  )

  test.each<[string, Record<string, Uint8Array | string>, string]>([
    [
      'a damaged picture',
      { ...classes(1), 'rose/x.png': png(4, 3, BLUE).subarray(0, 50) },
      'rose/x.png: it is cut off or damaged',
    ],
    [
      'two sizes',
      { ...classes(1), 'tulip/x.png': png(5, 3, BLUE) },
      'tulip/x.png: it has 5 × 3 pixels, and rose/0.png has 4 × 3. Give all one size: --size 4x3.',
    ],
    ['an empty class', { ...classes(1), 'lily/': '' }, 'lily: there are no pictures of this class.'],
    ['one class', { 'rose/0.png': png(4, 3, BLUE) }, 'flowers: every sample has the label "rose".'],
    [
      'a file that is no picture',
      { ...classes(1), 'rose/list.txt': 'roses' },
      'rose/list.txt: it is no PNG or JPEG picture.',
    ],
    [
      'a picture in name alone',
      { ...classes(1), 'rose/x.jpg': 'roses' },
      'rose/x.jpg: it is no PNG or JPEG picture.',
    ],
    ['a picture without class', { ...classes(1), 'x.png': png(4, 3, BLUE) }, 'x.png: it lies in no class.'],
    [
      'a class in the test alone',
      { ...classes(1, 'train/'), 'test/lily/0.png': png(4, 3, BLUE) },
      'test/lily/0.png: the class "lily" is in test and not in train.',
    ],
    [
      'classes beside training and test',
      { ...classes(1, 'train/'), ...classes(1, 'test/'), 'lily/0.png': png(4, 3, BLUE) },
      'lily: it stands beside train and test.',
    ],
  ])('%s is refused, and named', async (_, files, message) => {
    const { message: what, hint } = await readSamples(flowers(files)).then(
      () => ({ message: 'it was taken', hint: '' }),
      (error: Error & { hint: string }) => error,
    )
    expect(`${what} ${hint}`).toContain(message)
  })

  test('what does not fit into memory is refused before it is read', async () => {
    const root = flowers(
      Object.fromEntries([...Array(5).keys()].map((i) => [`${i % 2}/${i}.png`, png(1, 1, BLUE)])),
    )
    const huge = { size: { rows: 30_000, columns: 30_000 } }
    await expect(readSamples(root, huge)).rejects.toThrow(
      '5 pictures of 30000 × 30000 pixels do not fit into memory.',
    )
  })
})
