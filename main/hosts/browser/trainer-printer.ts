import type { ServeOptions } from './serve'

/** Says what the trainer is about; how far an installation is only in a terminal, where one line can be rewritten. */
export function trainerPrinter(stream: NodeJS.WriteStream): NonNullable<ServeOptions['onTrainer']> {
  let step = ''
  return ({ state, message }) => {
    if (stream.isTTY) return void stream.write(`\r\x1b[2K${message}${state === 'starting' ? '' : '\n'}`)
    const [now = ''] = message.split(':')
    if (now !== step) stream.write(`${message}\n`)
    step = now
  }
}
