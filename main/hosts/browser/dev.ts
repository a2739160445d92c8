/** What bin/dev.mjs loads again after each change. */
export { serve } from './serve'
export { trainerPrinter } from './trainer-printer'
