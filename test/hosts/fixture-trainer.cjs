/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS: a process runs it as it is */
'use strict'
const fs = require('node:fs')
const path = require('node:path')
// Stands in for the trainer: a real process that speaks its protocol, and does what the request's experiment says.
const name = process.env.FIXTURE_DEVICE || 'CPU'
const note = process.env.FIXTURE_NOTE || null
const device = { backend: 'cpu', name, version: '0', description: 'CPU, fixture', note }
const jobs = new Map()
/** What it was started with. */
let settings = null
let library = null
let isBackground = null
let isPooled = null
/** What was needed once, and is not given back. */
const held = []
// The host may have gone just before: then nobody is there to tell.
const send = (message) => process.connected && process.send(message, () => {})

process.on('disconnect', () => process.exit(0))
process.on('message', (message) => {
  if (message.kind === 'configure') {
    settings = message.settings
    isBackground = message.isBackground
    isPooled = message.isPooled
    library = message.library
    if (settings.device === 'webgpu') device.backend = 'webgpu'
    if (process.env.FIXTURE_DIES === 'at start') process.exit(7)
    if (process.env.FIXTURE_DIES === 'of its library' && message.library) process.kill(process.pid, 'SIGSEGV')
    if (process.env.FIXTURE_DIES === 'of a GPU' && settings.device !== 'cpu')
      process.kill(process.pid, 'SIGSEGV')
    if (settings.device === 'webgpu' && process.env.FIXTURE_GPU === 'refused')
      return send({ kind: 'without-gpu', isLost: false, why: 'There is no GPU.' })
    if (process.env.FIXTURE_DIES === 'of an error') throw new RangeError('Invalid typed array length: 9')
    return send({
      kind: 'notice',
      type: 'trainer',
      state: 'ready',
      device,
      message: device.description,
    })
  }
  if (message.kind === 'memory')
    return send({ kind: 'memory', bytes: process.memoryUsage.rss(), isBusy: jobs.size > 0 })
  const { id, body, place } = message
  if (body.type === 'control') {
    const job = jobs.get(body.job)
    jobs.delete(body.job)
    send({ kind: 'event', id: body.job, event: { type: 'progress', message: body.action } })
    if (job && body.action === 'stop')
      send({ kind: 'reply', id: body.job, value: { finished: false, seconds: 1, pid: process.pid } })
    return send({ kind: 'reply', id, value: null })
  }
  // A whole experiment: what is done with it, its seed says.
  const { seed } = body.experiment
  const started = () => {
    send({ kind: 'event', id, event: { type: 'started', device, experiment: body.experiment, series: [] } })
    if (place)
      fs.writeFileSync(path.join(place.folder, 'checkpoint.safetensors'), place.resume ? 'again' : 'once')
  }
  if (seed === 31) {
    started()
    const q = { mean: [1, 2], median: [1, 2], low: [1, 2], high: [1, 2] }
    return send({
      kind: 'reply',
      id,
      value: { finished: true, seconds: 1, series: [{ block: 'a', remedy: 'none', q }] },
    })
  }
  if (seed === 32) started()
  if (seed === 33) {
    started()
    if (place) send({ kind: 'event', id, event: { type: 'checkpoint', step: 7, problem: null } })
    return setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50)
  }
  if (body.experiment.do === 'need much' && isPooled) return send({ kind: 'beyond-pool' })
  if (body.experiment.do === 'crash') return process.kill(process.pid, 'SIGABRT')
  if (body.experiment.do === 'lose the GPU' && settings.device === 'webgpu')
    return send({ kind: 'without-gpu', isLost: true, why: 'The GPU was lost: it was taken away.' })
  if (body.experiment.do === 'hold') held.push(Buffer.alloc(200 * 2 ** 20, 1))
  if (['answer', 'hold', 'need much'].includes(body.experiment.do))
    return send({
      kind: 'reply',
      id,
      value: { finished: true, pid: process.pid, large: Infinity, settings, library, isBackground, isPooled },
    })
  jobs.set(id, body)
  send({ kind: 'event', id, event: { type: 'progress', message: 'running', pid: process.pid } })
})
