import { decode } from 'jpeg-js'
import { PNG } from 'pngjs'
import { InputError, messageOf } from '../../shared/base/errors'
import type { ByteImage } from '../../shared/data/resize'

/** In pixels; what is decoded takes several times as many bytes. */
const MOST_PIXELS = 32 * 2 ** 20
const MOST_MEGAPIXELS = MOST_PIXELS / 1e6
const MOST_MEMORY_MB = 1024

const PNG_MAGIC = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const PNG_HEADER = 24

const isPng = (bytes: Uint8Array) => PNG_MAGIC.every((byte, i) => bytes[i] === byte)
const isJpeg = (bytes: Uint8Array) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

/**
 * A PNG or JPEG picture as red, green and blue, 8 bits each. What is transparent is laid on white; a rotation that a
 * camera has noted beside the picture (EXIF) is not carried out.
 * @param where the file's name @throws InputError for other files, damaged ones, and ones that are too large
 */
export function decodePicture(bytes: Buffer, where: string): ByteImage {
  if (isPng(bytes)) return fromPng(bytes, where)
  if (isJpeg(bytes)) return fromJpeg(bytes, where)
  throw new InputError(
    where,
    'it is no PNG or JPEG picture',
    'Give those alone, or take it out of the folder.',
  )
}

const damaged = (where: string, error: unknown) => {
  const said = messageOf(error).replace(/\.$/, '').split('\n')[0].slice(0, 120)
  return new InputError(
    where,
    `it is cut off or damaged (${said})`,
    'Get it again, or take it out of the folder.',
  )
}

const tooLarge = (where: string, size: string) =>
  new InputError(
    where,
    `it has ${size} pixels, more than ${MOST_PIXELS.toLocaleString('en')}`,
    'Make it smaller first, or take it out of the folder.',
  )

function fromPng(bytes: Buffer, where: string): ByteImage {
  if (bytes.length < PNG_HEADER) throw damaged(where, new Error('it ends inside its header'))
  // The library makes room for whatever a header says.
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]
  if (width * height > MOST_PIXELS)
    throw tooLarge(where, `${width.toLocaleString('en')} × ${height.toLocaleString('en')}`)
  let found: { width: number; height: number; data: Buffer }
  try {
    found = PNG.sync.read(bytes)
  } catch (error) {
    throw damaged(where, error)
  }
  const pixels = new Uint8Array(found.width * found.height * 3)
  for (let i = 0; i < found.width * found.height; i++) {
    const share = found.data[4 * i + 3] / 255
    for (let c = 0; c < 3; c++)
      pixels[3 * i + c] = Math.round(share * found.data[4 * i + c] + (1 - share) * 255)
  }
  return { rows: found.height, columns: found.width, channels: 3, pixels }
}

function fromJpeg(bytes: Buffer, where: string): ByteImage {
  try {
    const { width, height, data } = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MOST_MEGAPIXELS,
      maxMemoryUsageInMB: MOST_MEMORY_MB,
    })
    return { rows: height, columns: width, channels: 3, pixels: data }
  } catch (error) {
    if (/maxResolutionInMP|maxMemoryUsageInMB/.test(messageOf(error))) throw tooLarge(where, 'too many')
    throw damaged(where, error)
  }
}
