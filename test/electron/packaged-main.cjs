/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as Electron 22 wants it */
'use strict'
// The main file of a test build: what the older Electron lacks, then the application itself.
require('./default-app/shim-22.cjs')
require('../../out/main/index.cjs')
