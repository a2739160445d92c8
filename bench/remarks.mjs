#!/usr/bin/env node
/**
 * npm run remarks [-- --networks N] [--from I] [--seed S]
 *
 * Holds theory, and what it says of itself, against measurements: N kinds of networks (400), from number I (0) of a
 * seed (0), of random blocks, remedies, depths, widths and batches of 4 to 512, 24 networks each. The table of those
 * that leave theory by more than 10 % and four standard errors in q, v, m or p, or of which a remark speaks, goes to
 * standard output; progress to standard error. Exit status 1 where theory was left and no remark spoke, or where single
 * networks are not as theory draws them. A few seconds a kind on two cores; pieces of a run are the same networks as
 * the whole.
 */
import { spawnSync } from 'node:child_process'
import { built } from './build.mjs'

const file = await built('remarks')
process.exitCode =
  spawnSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1
