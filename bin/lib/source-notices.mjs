import { readFileSync } from 'node:fs'

/** `.../node_modules/NAME/file`, the innermost. */
const PACKAGE = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/

/** Of one who holds the rights: "Copyright (c) 2016 NAME", "Copyright Joyent, Inc.", "Copyright 2019 Google LLC". */
const HOLDER = /[Cc]opyright +(?:(?:\([cC]\)|©) *[\dA-Z]|\d{4}|[A-Z].*, Inc\b).*/g

/** Comments: those between stars, and those that go over lines. Texts that look like one hold no notice. */
const COMMENT = /\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*(?:\r?\n|$))+/gm

/**
 * What the source of a module says of whose it is, as plain lines: authors of a part that a package has taken over are
 * often named nowhere else, and bundles hold no comments.
 */
export function noticesIn(source) {
  return [...source.matchAll(COMMENT)]
    .map(([comment]) => plain(comment))
    .filter((comment) => comment.search(HOLDER) >= 0)
}

const plain = (comment) =>
  comment
    .replace(/^\/\*[*!]?|\*+\/$/g, '')
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:\/\/+|\*+)?!?\s?/, '').trimEnd())
    .filter((line) => !/^\s*(?:@licen[cs]e|@preserve|-{9,})$/.test(line))
    .join('\n')
    .trim()

/** The notices in the modules of a bundle. `collect` is a plugin for the bundler. */
export function sourceNotices() {
  /** By package; by their words without years, which differ from file to file. */
  const byPackage = new Map()
  const collect = {
    name: 'source-notices',
    renderChunk(_code, { modules }) {
      for (const [id, { renderedLength }] of Object.entries(modules)) {
        const [file] = id.replace('\0', '').split('?')
        const name = PACKAGE.exec(file)?.[1].replace('\\', '/')
        if (!name || renderedLength === 0 || !/\.[cm]?[jt]s$/.test(file)) continue
        const known = byPackage.get(name) ?? new Map()
        byPackage.set(name, known)
        for (const notice of noticesIn(readFileSync(file, 'utf8')))
          known.set(notice.replace(/[\d\s,-]+/g, ' '), notice)
      }
      return null
    },
  }
  return {
    collect,

    /** A package's licence, and what its sources say of others that the licence does not name. */
    beside(name, text) {
      const others = [...(byPackage.get(name)?.values() ?? [])].filter((notice) =>
        notice.match(HOLDER).some((holder) => !text?.includes(holder.trim())),
      )
      return others.length ? [text, 'In its sources:', ...others.sort()].filter(Boolean).join('\n\n') : text
    },
  }
}
