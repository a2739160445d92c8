/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as Electron 22 wants it */
'use strict'
// An Electron that came inside a program has no default application, the part that makes `electron FOLDER` run the
// application in a folder. This is one, with what tests need of it; it becomes resources/default_app.asar.
require('./shim-22.cjs')
const { app } = require('electron')
const fs = require('node:fs')
const path = require('node:path')

// -r FILE, as Electron's own: a script to run before the application. Options of Chromium's have no value of their own.
const given = process.argv.slice(1)
const script = given.includes('-r') ? given[given.indexOf('-r') + 1] : null
const folder = given.find((argument) => !argument.startsWith('-') && argument !== script)
if (!folder) {
  console.error('Say which folder holds the application: electron FOLDER')
  process.exit(1)
}
if (script) require(path.resolve(script))
const root = path.resolve(folder)
const { name, productName, version, main } = JSON.parse(
  fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
)
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(root)
require(path.join(root, main))
