'use strict'
// A trainer that hangs before it is ready.
process.on('message', () => {})
process.on('disconnect', () => process.exit(0))
