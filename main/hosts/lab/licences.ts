import * as fs from 'node:fs'
import * as path from 'node:path'
import { allNotices, noticesText } from '../../../bin/lib/notices.mjs'
import type { LicenceText } from '../../../shared/protocol/protocol'
import { reasonOf } from '../../files/data-folder'
import { INSTALLATION } from '../../files/program'

/** Where the texts lie: beside the archive of an application, or in a checkout. */
export interface LicencePlaces {
  archive: string | null
  checkout: string
}

const HERE: LicencePlaces = {
  archive: INSTALLATION.archive,
  checkout: folderOfProgram(__dirname),
}

/** The nearest folder above with a package.json: bundles and sources lie at different depths. */
function folderOfProgram(folder: string): string {
  const above = path.dirname(folder)
  return above === folder || fs.existsSync(path.join(folder, 'package.json'))
    ? folder
    : folderOfProgram(above)
}

/** The program's own licence, or the notices of all packages in it; where there is no text, why, and how it is made. */
export function licenceText(which: 'licence' | 'notices', places = HERE): LicenceText {
  if (places.archive !== null) return read(path.join(path.dirname(places.archive), PACKAGED[which]))
  if (which === 'licence') return read(path.join(places.checkout, 'LICENSE'))
  try {
    return { text: noticesText(allNotices(places.checkout)), from: null, problem: null }
  } catch (error) {
    const problem =
      'The notices are collected out of what a build puts into the program, and there is none here ' +
      `(${reasonOf(error)}). ` +
      'Run `npm run build`, then open this again; `npm run package` puts them beside the application.'
    return { text: null, from: null, problem }
  }
}

const PACKAGED = { licence: 'LICENSE.txt', notices: 'THIRD-PARTY-NOTICES.txt' }

function read(file: string): LicenceText {
  try {
    return { text: fs.readFileSync(file, 'utf8'), from: file, problem: null }
  } catch (error) {
    return { text: null, from: file, problem: `${file} could not be read (${reasonOf(error)}).` }
  }
}
