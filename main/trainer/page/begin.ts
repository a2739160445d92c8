/** What a worker of the page does with the first message, which has its ports. A failure ends the worker. */
export function beginOnce<Start>(begin: (start: Start) => Promise<void>): void {
  addEventListener('message', ({ data }: MessageEvent<Start>) => void begin(data), { once: true })
  // What nobody waits for would pass unheard; an error that is thrown here is the page's to hear.
  addEventListener('unhandledrejection', ({ reason }) => {
    throw reason
  })
}
