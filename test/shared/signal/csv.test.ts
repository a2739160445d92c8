import { describe, expect, it } from 'vitest'
import { signalCsv } from '../../../shared/signal/csv'
import { toCsv } from '../../../shared/base/csv'
import { emptySummary, setPoint, type Summary } from '../../../shared/numerics/statistics'

describe('toCsv', () => {
  it('quotes what needs it and keeps every digit', () => {
    expect(
      toCsv(
        ['name', 'x'],
        [
          ['a,"b"', 0.1 + 0.2],
          ['', NaN],
          ['c', -Infinity],
          ['d', null],
        ],
      ),
    ).toBe('name,x\r\n"a,""b""",0.30000000000000004\r\n,NaN\r\nc,-Infinity\r\nd,\r\n')
  })
})

describe('signalCsv', () => {
  const summary = (value: number): Summary => {
    const result = emptySummary(1)
    setPoint(result, 0, { mean: value, median: value, low: value, high: value })
    return result
  }
  const series = {
    header: {
      block: 'relu-linear',
      remedy: 'none',
      theory: { q: [1], v: null, m: [0], p: [2], note: {}, remark: null },
    },
    q: summary(1.5),
    v: summary(2),
    m: summary(0),
    p: summary(Infinity),
  }

  it('has one line per series, quantity and block', () => {
    expect(signalCsv([series], ['q', 'v', 'p'], { replicas: 20, step: 0 }).split('\r\n')).toEqual([
      'block,remedy,quantity,k,mean,median,low,high,theory,n,step',
      'relu-linear,none,q,0,1.5,1.5,1.5,1.5,1,20,0',
      'relu-linear,none,v,0,2,2,2,2,,20,0',
      'relu-linear,none,p,0,Infinity,Infinity,Infinity,Infinity,2,20,0',
      '',
    ])
  })

  it('gives no theory for trained weights', () => {
    expect(signalCsv([series], ['q'], { replicas: 20, step: 3 })).toContain('1.5,1.5,,20,3')
  })
})
