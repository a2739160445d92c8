/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS, as the oldest Electron wants it */
'use strict'
// Electron's main process in bench/application.mjs: the trainer as the application has it, with a pool and without.
const { app, utilityProcess } = require('electron')

const { trainer, library, bodies, rounds } = JSON.parse(process.env.RESIDUAL_LAB_BENCH)

async function start(isPooled) {
  const child = utilityProcess.fork(trainer, [], { serviceName: 'trainer', stdio: 'ignore' })
  let hear = () => {}
  let fail = () => {}
  child.on('message', (message) => hear(message))
  child.on('exit', (code) => fail(new Error(`The trainer ended (${code}).`)))
  const answered = (isIt) =>
    new Promise((resolve, reject) => {
      fail = reject
      hear = (message) => {
        if (message.kind === 'error') reject(new Error(message.error.message))
        if (isIt(message)) resolve(message)
      }
    })
  const settings = { device: 'cpu', gpu: null, gpuMemory: null, threads: null, memory: null }
  const ready = answered((message) => message.kind === 'notice' && message.state === 'ready')
  child.postMessage({ kind: 'configure', library, settings, isPooled, isBackground: false })
  const { device } = await ready
  let requests = 0
  return {
    device: device.description,
    /** @returns milliseconds from the request to the reply */
    async time(body) {
      const begun = performance.now()
      const reply = answered((message) => message.kind === 'reply')
      child.postMessage({ kind: 'request', id: String(++requests), body, place: null })
      await reply
      return performance.now() - begun
    },
  }
}

async function measure() {
  await app.whenReady()
  const trainers = [
    ['pool', await start(true)],
    ['none', await start(false)],
  ]
  const times = {}
  for (const [id, body] of bodies) {
    times[id] = { pool: [], none: [] }
    for (const [, one] of trainers) await one.time(body)
    for (let round = 0; round < rounds; round++) {
      for (const [name, one] of round % 2 ? [...trainers].reverse() : trainers)
        times[id][name].push(await one.time(body))
    }
  }
  return { electron: process.versions.electron, device: trainers[0][1].device, times }
}

measure().then(
  (result) => {
    console.log(`RESULT ${JSON.stringify(result)}`)
    app.exit(0)
  },
  (error) => {
    console.error(error.message)
    app.exit(1)
  },
)
