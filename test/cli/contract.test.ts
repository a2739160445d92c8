import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

// Scripts rely on the keys of each command's --json: they are written here by hand from docs/command-line.md, and
// neither one more nor one less may be printed.

const launcher = path.join(import.meta.dirname, '../../bin/residual-lab.mjs')

let folder: string
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'residual-lab-cli-contract-'))))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function documentOf(line: string): unknown {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...line.split(' '), '--json'], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...process.env, RESIDUAL_LAB_DATA: folder },
  })
  expect(status, `${line}: ${stderr}`).toBe(0)
  return JSON.parse(stdout)
}

/** By place: '' is the document, 'series[]' each of its series. */
type Keys = Record<string, string>

/** All that stand at a place. */
function at(value: unknown, place: string): unknown[] {
  const [, key, list, rest] = /^([^.[]*)(\[\])?\.?(.*)$/.exec(place)!
  if (!place) return [value]
  const inner = (value as Record<string, unknown>)[key]
  expect(inner, `${place} is not there`).toBeDefined()
  const all = list ? (inner as unknown[]) : [inner]
  expect(all.length, `${place} is empty`).toBeGreaterThan(0)
  return all.flatMap((one) => at(one, rest))
}

function expectKeys(document: unknown, keys: Keys) {
  for (const [place, words] of Object.entries(keys))
    for (const one of at(document, place))
      expect(Object.keys(one as object).sort(), place || 'the document').toEqual(words.split(' ').sort())
}

const OVER_NETWORKS = 'mean median low high'
const BAND = 'mean low high'
const SMALL = '--blocks 2 --width 8 --batch 16'
const MEASURED = `${SMALL} --replicas 2`
const LEARNING = '--seeds 2 --steps 4'

const SIGNAL = 'block remedy note q v m p weightGradientNorm2 theory theoryNote theoryRemark finiteWidth'
const SIGNAL_CURVES = {
  'series[].q': OVER_NETWORKS,
  'series[].v': OVER_NETWORKS,
  'series[].m': OVER_NETWORKS,
  'series[].p': OVER_NETWORKS,
  'series[].weightGradientNorm2': OVER_NETWORKS,
  'series[].theory': 'q v m p',
}
const LOSSES = (place: string): Keys => ({
  [place]: 'loss error',
  [`${place}.loss`]: OVER_NETWORKS,
  [`${place}.error`]: OVER_NETWORKS,
})
const LEARNT = {
  ...{ 'series[].curve': 'step train test', 'series[].final': 'train test' },
  ...LOSSES('series[].curve.train'),
  ...LOSSES('series[].curve.test'),
  ...LOSSES('series[].final.train'),
  ...LOSSES('series[].final.test'),
}

test('signal', () =>
  expectKeys(documentOf(`signal ${MEASURED}`), {
    ...{ '': 'version device experiment series', 'series[]': SIGNAL, ...SIGNAL_CURVES },
  }))

test('theory', () =>
  expectKeys(documentOf(`theory ${SMALL}`), {
    '': 'version experiment series',
    'series[]': 'block remedy note theory theoryNote theoryRemark finiteWidth',
    'series[].theory': 'q v m p',
  }))

test('shatter', () =>
  expectKeys(documentOf(`shatter ${MEASURED} --points 16`), {
    '': 'version device experiment points range center beta references series',
    references: 'white brown',
    'series[]': 'block remedy reference blocks skip note acf correlation correlationBand theory theoryNote',
    'series[].acf': BAND,
    'series[].correlationBand': 'low high',
  }))

test('shatter of a run', () => {
  const { run } = documentOf(`train ${SMALL} ${LEARNING}`) as { run: string }
  const measured = 'acf correlation correlationBand theory theoryNote curve step replayed agrees train test'
  expectKeys(documentOf(`shatter --run ${run} --points 16 --steps 0,last`), {
    '': 'version device experiment trained line points range references series',
    line: 'from to',
    'series[]': `block remedy reference blocks skip note ${measured}`,
    'series[].curve': 'y slope',
    'series[].correlationBand': 'low high',
    ...LOSSES('series[].train'),
    ...LOSSES('series[].test'),
  })
})

test('paths', () =>
  expectKeys(documentOf(`paths ${SMALL}`), {
    '': 'version experiment counts series',
    counts: 'paths throughOneBlock byLength mean deviation',
    'series[]': 'block remedy note theory theoryNote measured',
    'series[].theory': 'branchFactors energyShare mean deviation',
    'series[].measured':
      'norm squaresRatio relativeError outputDifference outputDifferenceNote lengths sampled terms firstDerivative',
    'series[].measured.norm': BAND,
    'series[].measured.outputDifference': BAND,
    'series[].measured.lengths[]': 'length count norm termNorm share',
    'series[].measured.terms[]': 'blocks length norm',
    'series[].measured.firstDerivative': 'formula layout terms relativeError',
    'series[].measured.firstDerivative.terms[]': 'text latex blocks length norm',
  }))

test('lesion', () =>
  expectKeys(documentOf(`lesion ${MEASURED} --delete 1`), {
    '': 'version device experiment lesion series',
    lesion: 'delete',
    'series[]': 'block remedy note between cosine',
    'series[].between': BAND,
    'series[].cosine': BAND,
  }))

test('train', () =>
  expectKeys(documentOf(`train ${SMALL} ${LEARNING} --no-keep`), {
    '': 'version device experiment run xla gpu series',
    'series[]': 'block remedy skip parameters curve final failure seconds',
    ...LEARNT,
  }))

test('depth', () =>
  expectKeys(documentOf(`depth --width 8 --batch 16 ${LEARNING} --depths 1,2 --no-keep`), {
    '': 'version device experiment run series shattering',
    'series[]':
      'block remedy note skip depths layers parameters train test best p0 gradientCorrelation failures seconds',
    ...LOSSES('series[].train'),
    ...LOSSES('series[].test'),
    'series[].best': 'train test',
    ...LOSSES('series[].best.train'),
    ...LOSSES('series[].best.test'),
    'series[].p0': OVER_NETWORKS,
    'series[].gradientCorrelation': 'initial final',
    shattering: 'initial final points',
    'shattering.initial': 'rho n cells',
    'shattering.points[]': 'moment block remedy skip blocks network correlation error',
  }))

test('order', () => {
  const ordering = `${SIGNAL} n rank growth firstNonFinite secondsMeasured`
  expectKeys(documentOf(`order ${MEASURED} ${LEARNING} --block relu-linear --train on --no-keep`), {
    '': 'version device experiment run series',
    'series[]': `${ordering} skip parameters curve final failure seconds`,
    ...SIGNAL_CURVES,
    'series[].growth': 'forward backward forwardTheory backwardTheory',
    // `seeds` joins them with several seeds.
    'series[].growth.forward': 'ratio blocks',
    ...LEARNT,
  })
})

test('runs list, show and verify, of a measurement that is kept', () => {
  const run =
    'run name kind created seconds state device seed title varied figures thumbnail settings note tags pinned bytes ' +
    'command removed steps canResume lab'
  expectKeys(documentOf(`signal ${MEASURED} --keep`), { '': 'version device experiment run series' })
  expectKeys(documentOf('runs list'), {
    '': 'version path runs problems newer',
    'runs[]': run,
    'runs[].figures[]': 'label value low high n',
    'runs[].thumbnail': 'x curves',
    'runs[].thumbnail.curves[]': 'name y',
  })
  expectKeys(documentOf('runs show last'), {
    '': `version ${run} experiment environment result`,
    environment:
      'version device deviceNote xla gpu backend tensorflow node electron os seed data remedies start seconds command',
  })
  expectKeys(documentOf('runs verify last'), { '': 'version run verdict where words' })
  expectKeys(documentOf(`export last --format pytorch --out ${path.join(folder, 'exported')}`), {
    '': 'version run format exports',
    'exports[]': 'path series replica network proof',
    'exports[].proof': 'inputs weights reopenedBy comparedWith absoluteDifference relativeDifference',
  })
})

test('code', () =>
  expectKeys(documentOf(`code --framework pytorch ${SMALL}`), { '': 'version framework experiment code' }))

test('sweep', () =>
  expectKeys(documentOf(`sweep signal ${MEASURED} --gain 1,2 --shard 1/2`), {
    '': 'version command experiment run name swept size shard points',
    'swept[]': 'setting values',
    shard: 'number of',
    'points[]': 'index settings run figures problem',
    'points[].figures[]': 'label value low high n',
  }))

test('queue add, list and run', () => {
  const entry = 'entry name command priority added ended state reason runs sweep problems removed'
  expectKeys(documentOf(`queue add signal ${MEASURED}`), { '': `version ${entry}` })
  expectKeys(documentOf('queue list'), {
    '': 'version isPaused note progress problem entries',
    'entries[]': entry,
  })
  expectKeys(documentOf('queue run'), { '': 'version done failed' })
})
