import type { FileKind } from '../../shared/protocol/protocol'

/** Saving and opening files where the host has no dialogs of its own. */

export interface FileContent {
  name: string
  content: string
  encoding: 'text' | 'base64'
  type: string
  /** Remembered as one of the last files, where it is one that the lab opens. */
  kind?: FileKind
}

/** The browser's download. */
export function download(file: FileContent): void {
  const part = file.encoding === 'text' ? file.content : bytesOf(file.content)
  const url = URL.createObjectURL(new Blob([part], { type: file.type }))
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  // The download has started, but may still read the blob.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** The browser's file chooser; null when it is cancelled. */
export function chooseFile(accept = '.json,.reslab,application/json'): Promise<File | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = accept
  return new Promise((resolve) => {
    input.onchange = () => resolve(input.files?.[0] ?? null)
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}

/** A file's bytes as base64, in pieces that a call's arguments hold. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  let text = ''
  for (let from = 0; from < bytes.length; from += CHUNK)
    text += String.fromCharCode(...bytes.subarray(from, from + CHUNK))
  return btoa(text)
}

const CHUNK = 0x8000
