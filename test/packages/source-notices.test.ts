import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect, test } from 'vitest'
import { noticesIn, sourceNotices } from '../../bin/lib/source-notices.mjs'
import { temporary } from '../runtime/fakes'

test('comments that name who holds the rights are found, whatever their form', () => {
  const source = [
    '/**\n * @license\n * The MIT License (MIT)\n * Copyright (c) 2016 One Author\n */\nexport const a = 1',
    '// Copyright Joyent, Inc. and other Node contributors.\n//\n// Permission is granted.',
    'let b = "// Copyright 2020 No One"',
    '/*! Copyright 2019 Another LLC. All Rights Reserved. */',
    '// Copyright (C) and registered (R) symbols.',
    '/** A comment of what is done with the copyright of a font. */',
  ].join('\n')
  expect(noticesIn(source)).toEqual([
    'The MIT License (MIT)\nCopyright (c) 2016 One Author',
    'Copyright Joyent, Inc. and other Node contributors.\n\nPermission is granted.',
    'Copyright 2019 Another LLC. All Rights Reserved.',
  ])
})

test('authors whom a package’s licence does not name stand beside it, once, if they are in the bundle', () => {
  const folder = path.join(temporary(), 'node_modules', '@scope', 'part')
  fs.mkdirSync(folder, { recursive: true })
  const module = (name: string, text: string) => {
    fs.writeFileSync(path.join(folder, name), text)
    return path.join(folder, name)
  }
  const { collect, beside } = sourceNotices()
  const modules = {
    [module('a.js', '/* Copyright 2016 Other LLC. */')]: { renderedLength: 10 },
    [module('b.js', '/* Copyright 2017 Other LLC. */\n// Copyright (c) 2020 Maker\n')]: {
      renderedLength: 10,
    },
    [module('c.js', '/* Copyright 2018 Left Out */')]: { renderedLength: 0 },
  }
  ;(collect as unknown as { renderChunk(code: string, chunk: object): void }).renderChunk('', { modules })
  expect(beside('@scope/part', 'MIT\nCopyright (c) 2020 Maker')).toBe(
    'MIT\nCopyright (c) 2020 Maker\n\nIn its sources:\n\nCopyright 2017 Other LLC.',
  )
  expect(beside('another', 'MIT')).toBe('MIT')
  expect(beside('another', null)).toBeNull()
})
