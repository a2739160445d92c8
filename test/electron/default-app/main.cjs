/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as Electron 22 wants it */
'use strict'
// An Electron that came inside a program has no default application, the part that makes `electron FOLDER` run the application in a
// folder. This is one, with what tests need of it; it becomes resources/default_app.asar.
require('./shim-22.cjs')
const { app } = require('electron')
const fs = require('node:fs')
const path = require('node:path')

const folder = process.argv.slice(1).find((argument) => !argument.startsWith('-'))
if (!folder) {
  console.error('Say which folder holds the application: electron FOLDER')
  process.exit(1)
}
const root = path.resolve(folder)
const { name, productName, version, main } = JSON.parse(
  fs.readFileSync(path.join(root, 'package.json'), 'utf8'),
)
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(root)
require(path.join(root, main))
