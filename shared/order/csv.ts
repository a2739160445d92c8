import { toCsv, type Cell } from '../base/csv'
import type { OrderRow } from './rows'
import { ranks } from './ranks'

/** The ranked table, every number with all its digits. */
export function orderCsv(rows: readonly OrderRow[]): string {
  const header = [
    'rank',
    'block',
    'remedy',
    'n',
    'growth_forward',
    'growth_forward_blocks',
    'growth_forward_theory',
    'growth_backward',
    'growth_backward_blocks',
    'growth_backward_theory',
    'first_failure',
    'first_failure_block',
    'seconds_measured',
    'n_trained',
    'steps',
    'train_error',
    'train_error_low',
    'train_error_high',
    'test_error',
    'test_error_low',
    'test_error_high',
    'training_failure',
    'seconds_trained',
  ]
  const rank = ranks(rows)
  return toCsv(
    header,
    rows.map((row, i): Cell[] => [
      rank[i],
      row.block,
      row.remedy,
      row.n,
      row.forward?.ratio ?? null,
      row.forward?.blocks ?? null,
      row.forwardTheory?.ratio ?? null,
      row.backward?.ratio ?? null,
      row.backward?.blocks ?? null,
      row.backwardTheory?.ratio ?? null,
      row.failure?.quantity ?? null,
      row.failure?.block ?? null,
      row.seconds,
      row.training?.n ?? null,
      row.training?.steps ?? null,
      row.training?.trainError ?? null,
      row.training?.spread?.train.low ?? null,
      row.training?.spread?.train.high ?? null,
      row.training?.testError ?? null,
      row.training?.spread?.test.low ?? null,
      row.training?.spread?.test.high ?? null,
      row.training?.failure ?? null,
      row.training?.seconds ?? null,
    ]),
  )
}
