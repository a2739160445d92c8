import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import { errorListener } from '../../bin/lint/error-listener.mjs'

/** What the rule says of a text, by line. */
function faults(text: string): string[] {
  const config = {
    plugins: { own: { rules: { 'error-listener': errorListener } } },
    rules: { 'own/error-listener': 'error' },
  } satisfies Linter.Config
  return new Linter().verify(text, config).map(({ line, message }) => `${line}: ${message.split(' ')[0]}`)
}

describe('what can emit an error has a listener', () => {
  test.each([
    ['a child', 'const child = spawn("ls", [])\n', 'child'],
    ['a fork', 'const child = utilityProcess.fork(file, [])\n', 'child'],
    ['a worker', 'const worker = new Worker(file)\n', 'worker'],
    ['a server', 'const server = http.createServer()\n', 'server'],
    ['a server of web sockets', 'const sockets = new WebSocketServer({ noServer: true })\n', 'sockets'],
    ['a connection', 'const socket = net.connect(80)\n', 'socket'],
    ['a request', 'const request = https.get(url)\n', 'request'],
    ['a stream', 'const sink = fs.createWriteStream(file)\n', 'sink'],
    ['a child in a property', 'this.child = spawn("ls", [])\n', 'this.child'],
  ])('%s', (_name, making, what) => {
    expect(faults(making)).toEqual([`1: ${what}`])
    expect(faults(`${making}${what}.once('error', end)`)).toEqual([`1: ${what}`])
    expect(faults(`${making}function later() { ${what}.on('error', end) }`)).toEqual([`1: ${what}`])
    expect(faults(`${making}${what}.on('error', end)`)).toEqual([])
  })

  test.each([
    ['the socket of an upgrade', "server.on('upgrade', (request, socket) => { BODY })", 'socket'],
    ['the socket of a connection', "server.on('connection', function (socket) { BODY })", 'socket'],
    ['what is read from', "function read(child) { child.stdout.on('data', keep); BODY }", 'child.stdout'],
    ['both ends of a pipe', "function f(from) { from.pipe(sink); sink.on('error', end); BODY }", 'from'],
  ])('%s', (_name, text, what) => {
    expect(faults(text.replace('BODY', ''))).toEqual([`1: ${what}`])
    expect(faults(text.replace('BODY', `${what}.on('error', end)`))).toEqual([])
  })

  test('what has no name can have no listener', () => {
    expect(faults("use(spawn('ls', []))")).toEqual(['1: What'])
  })

  test('what takes care of errors by itself needs none', () => {
    const reading =
      'async function read() { for await (const chunk of fs.createReadStream(file)) keep(chunk) }'
    expect(faults(reading)).toEqual([])
    expect(faults('pipeline(fs.createReadStream(file), transform, fs.createWriteStream(file))')).toEqual([])
    expect(faults('const connection = lab.connect(send)\nconst started = spawn()\nmap.get(key)')).toEqual([])
  })
})
