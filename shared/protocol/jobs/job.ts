import * as v from 'valibot'

/** A JSON object that a request carries; a job's `prepare` looks into it. */
export const document = v.record(v.string(), v.unknown())

/** How many. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** One kind of job as front ends ask for it and hear of it. How it is run stands in main/trainer/jobs.ts. */
export interface JobWire<
  Fields extends v.ObjectEntries,
  Prepared,
  Event,
  Result extends { finished: boolean },
> {
  /** What a request for it holds beside its type. */
  fields: Fields
  /** The request as it is run: checked, with every default in place. @throws InputError for what cannot be run */
  prepare(body: v.InferOutput<v.ObjectSchema<Fields, undefined>>): Prepared
  /** Its result where it was stopped before it started, less `finished: false`. */
  unstarted: Omit<Result, 'finished'>
  /** Never there: carries the types of its events and of its result. */
  types?: { event: Event; result: Result }
}

/** A line of the table of jobs; its events and its result are given, the rest is inferred. */
export const jobWire =
  <Event, Result extends { finished: boolean }>() =>
  <Fields extends v.ObjectEntries, Prepared>(wire: JobWire<Fields, Prepared, Event, Result>) =>
    wire
