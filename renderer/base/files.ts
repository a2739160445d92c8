import { base64OfBytes, bytesOfBase64 } from '../../shared/base/base64'
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
  const part = file.encoding === 'text' ? file.content : bytesOfBase64(file.content)
  const url = URL.createObjectURL(new Blob([part], { type: file.type }))
  const link = document.createElement('a')
  link.href = url
  link.download = file.name
  link.click()
  // The download has started, but may still read the blob.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** The browser's file chooser; null when it is cancelled. */
export async function chooseFile(accept = '.json,.reslab,application/json'): Promise<File | null> {
  const input = document.createElement('input')
  input.accept = accept
  return (await chosen(input))[0] ?? null
}

/** All files of a folder that the browser asks for; null when that is cancelled. */
export async function chooseFolder(): Promise<File[] | null> {
  const input = document.createElement('input')
  input.webkitdirectory = true
  const files = await chosen(input)
  return files.length ? files : null
}

function chosen(input: HTMLInputElement): Promise<File[]> {
  input.type = 'file'
  return new Promise((resolve) => {
    input.onchange = () => resolve([...(input.files ?? [])])
    input.addEventListener('cancel', () => resolve([]))
    input.click()
  })
}

/** A file's bytes as base64. */
export const base64Of = async (file: Blob): Promise<string> =>
  base64OfBytes(new Uint8Array(await file.arrayBuffer()))
