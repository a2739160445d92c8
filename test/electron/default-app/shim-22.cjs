/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as Electron 22 wants it */
'use strict'
// What the lab uses and Electron 22 (Node 16) lacks, for tests only: `protocol.handle` and the `Response` it answers
// with. Started before the application, with -r or as the first part of a test build.
const { protocol } = require('electron')

if (typeof Response === 'undefined') {
  global.Response = class {
    constructor(body, { status = 200, headers = {} } = {}) {
      Object.assign(this, { body, status, headers })
    }
  }
}

if (!protocol.handle) {
  protocol.handle = (scheme, handler) => {
    protocol.registerBufferProtocol(scheme, (request, callback) => {
      handler({ url: request.url, method: request.method })
        .then(({ body, status, headers }) => {
          const mimeType = (headers['Content-Type'] ?? 'text/plain').split(';')[0]
          callback({ statusCode: status, headers, mimeType, charset: 'utf-8', data: Buffer.from(body) })
        })
        .catch((error) => {
          console.error(error)
          callback({ error: -2 })
        })
    })
  }
}
