// Where pip's package index keeps a file, so that a download of gigabytes goes on where it stopped: pip's own does not.
// Whatever cannot be found out this way is left to pip.
import type { Context } from './context'
import { fetchText } from './download'
import type { Wheel } from './sources'
import { runTool } from './tools'

/** The index that pip is set up to ask; null where that is not known, or only pip can ask it. */
export async function pipIndex(
  context: Context,
  [program, ...first]: readonly string[],
): Promise<string | null> {
  const { env, signal } = context
  // pip's help names the address that counts, whether a file, the environment or nobody has set it.
  const asked = await runTool(program!, [...first, 'download', '--help'], {
    env: { ...env, COLUMNS: '10000' },
    signal,
    timeoutMs: 30_000,
  })
  const index = /--index-url <url>.*?\(default (https?:\/\/[^\s)]+)\)/.exec(asked.output)?.[1]
  // It hides passwords, and Node knows no proxies.
  return !index || index.includes('****') || hasProxy(env, index) ? null : index
}

const hasProxy = (env: NodeJS.ProcessEnv, url: string): boolean => {
  const { hostname, protocol } = new URL(url)
  if (hostname === 'localhost' || hostname.startsWith('127.')) return false
  const names = [`${protocol.slice(0, -1)}_proxy`, 'all_proxy']
  return names.some((name) => env[name] || env[name.toUpperCase()])
}

/** Pages of packages with many versions take half of this. */
const LARGEST_PAGE = 64e6
const FORMS = 'application/vnd.pypi.simple.v1+json, text/html;q=0.5'

/** The address of a wheel by the index's page of its package (PEP 503 and 691). @throws Error where it is not there */
export async function wheelAddress(index: string, wheel: Wheel, signal?: AbortSignal): Promise<string> {
  const page = `${index.replace(/\/+$/, '')}/${wheel.package}/`
  const { text, url } = await fetchText(page, { signal, accept: FORMS, most: LARGEST_PAGE })
  const found = text.trimStart().startsWith('{') ? inJson(text, wheel.file) : inHtml(text, wheel.file)
  if (!found) throw new Error(`${wheel.file} is not in the index`)
  return new URL(found, url).href
}

function inJson(text: string, file: string): string | undefined {
  const { files } = JSON.parse(text) as { files?: { filename: string; url: string }[] }
  return files?.find(({ filename }) => filename === file)?.url
}

function inHtml(text: string, file: string): string | undefined {
  for (const [, address, name] of text.matchAll(/<a\s[^>]*href\s*=\s*"([^"]*)"[^>]*>\s*([^<]*?)\s*<\/a>/gi))
    if (name === file) return address!.replace(/&amp;/g, '&').replace(/#.*$/, '')
  return undefined
}
