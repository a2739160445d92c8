import type { DataDescription } from '../../../shared/data/description'

/** A data set of the user's, as an experiment describes it. */
export const OWN_DATA: DataDescription = {
  name: 'flowers',
  title: 'flowers',
  definition: 'Four measures of a flower.',
  source: 'flowers.csv',
  licence: 'not said',
  origin: 'own',
  shape: { units: 4, rows: 1, columns: 1 },
  classes: 3,
  classNames: ['setosa', 'versicolor', 'virginica'],
  training: 120,
  test: 30,
  sha256: 'a'.repeat(64),
}
