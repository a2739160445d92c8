/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as Electron 22 wants it */
'use strict'
// The main file of a test build: what the older Electron lacks, what drives the test, then the application itself.
require('./default-app/shim-22.cjs')
if (process.env.RESIDUAL_LAB_TEST_DRIVER) require(process.env.RESIDUAL_LAB_TEST_DRIVER)
require('../../out/main/index.cjs')
