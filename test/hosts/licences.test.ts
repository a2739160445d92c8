import * as fs from 'node:fs'
import * as path from 'node:path'
import { expect, test } from 'vitest'
import { licenceText } from '../../main/hosts/lab/licences'
import { temporary } from '../runtime/fakes'

test('a packaged application has its texts beside it', () => {
  const resources = temporary()
  fs.writeFileSync(path.join(resources, 'LICENSE.txt'), 'ours')
  const notices = path.join(resources, 'THIRD-PARTY-NOTICES.txt')
  fs.writeFileSync(notices, 'theirs')
  const places = { archive: path.join(resources, 'app.asar'), checkout: '/nowhere' }
  expect(licenceText('licence', places).text).toBe('ours')
  expect(licenceText('notices', places)).toEqual({ text: 'theirs', from: notices, problem: null })
  fs.rmSync(notices)
  expect(licenceText('notices', places)).toEqual({
    text: null,
    from: notices,
    problem: expect.stringMatching(/^\/.+\/THIRD-PARTY-NOTICES\.txt could not be read \(ENOENT/),
  })
})

test('a checkout has its licence, and says how the notices are made where there is no build', () => {
  const checkout = temporary()
  fs.writeFileSync(path.join(checkout, 'LICENSE'), 'ours')
  const places = { archive: null, checkout }
  expect(licenceText('licence', places)).toMatchObject({ text: 'ours', problem: null })
  const { text, problem } = licenceText('notices', places)
  expect(text).toBeNull()
  expect(problem).toContain('Run `npm run build`, then open this again')
  expect(licenceText('licence', { ...places, checkout: '/nowhere' })).toMatchObject({
    text: null,
    problem: expect.stringMatching(/^\/nowhere\/LICENSE could not be read \(ENOENT/),
  })
})
