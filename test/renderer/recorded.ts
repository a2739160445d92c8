import * as fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { prepareJob, type JobBody, type JobEvent, type JobReply } from '../../shared/protocol/jobs'

/** A job as the real trainer did it. */
export interface RecordedAnswer {
  body: JobBody
  events: JobEvent[]
  reply: JobReply
}

const file = fileURLToPath(new URL('./fixtures/answers.json', import.meta.url))
let all: RecordedAnswer[] | undefined

/** Settings that a request leaves out count as their defaults. */
const questionOf = (body: JobBody) => JSON.stringify(prepareJob(body))

/**
 * What the real trainer answered to the same request; null where it was not asked. @throws InputError for what cannot
 * be run
 */
export function recordedAnswer(body: JobBody): RecordedAnswer | null {
  all ??= JSON.parse(fs.readFileSync(file, 'utf8')) as RecordedAnswer[]
  const question = questionOf(body)
  return all.find((one) => one.body.type === body.type && questionOf(one.body) === question) ?? null
}
