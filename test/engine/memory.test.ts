/** A search that is larger than its memory ends before it takes more, with all its figures. */
import { afterEach, describe, expect, it, vi } from 'vitest'
import { explore } from '../../checker/index.ts'
import { FoundStates } from '../../checker/search/found-states.ts'
import { twoPhaseCommit } from '../../specs/transaction-commit/protocol.ts'
import { alarmClock } from '../fixtures/alarm-clock.ts'
import { folder, spawnCheck } from '../support/cli-support.ts'

const MB = 2 ** 20

describe('a search larger than --memory', () => {
  // 10,340,352 states exact, in some 360 MB; raft's records are wide, and become wider while it runs.
  it.each([
    ['transaction-commit --resources 9 --no-reduce', 230],
    ['raft --broadcasts 2 --crashes 0 --no-reduce', 400],
  ] as const)('%s', { timeout: 120_000 }, async (command, megabytes) => {
    const { code, out, err } = await spawnCheck([...command.split(' '), '--memory', `${megabytes}MB`, '--json'], process.cwd())
    const { verdict, states, peakBytes } = JSON.parse(out) as { verdict: string; states: number; peakBytes: number }
    expect({ code, err, verdict }).toEqual({ code: 3, err: '', verdict: 'inconclusive' })
    expect(states).toBeGreaterThan(500_000)
    expect(peakBytes).toBeLessThan(1.1 * megabytes * MB)
  })
})

it('a check does not count as its own what the process had that started it', async () => {
  const large = Buffer.alloc(500 * MB, 1)
  const { out } = await spawnCheck(['transaction-commit', '--json'], process.cwd())
  const { peakBytes } = JSON.parse(out) as { peakBytes: number }
  expect(peakBytes).toBeGreaterThan(20 * MB)
  expect(peakBytes).toBeLessThan(large.length)
})

const endless = `
  import { List, Record } from 'immutable'
  import { each } from 'protocheck'
  class Node extends Record({ log: List() }) {}
  const adds = number => ({ do: node => node.update('log', log => log.push(number)) })
  export default {
    name: 'endless', source: 'none', network: 'reliable',
    roles: { node: { count: 2, init: () => new Node(), on: {}, actions: { one: adds(1), two: adds(2), three: adds(3) } } },
    properties: { fine: each('node', node => node.log.size, () => true) },
  }`

describe('where JavaScript has no room for objects left', () => {
  it('the check is inconclusive, with its figures, and says which memory it was', { timeout: 120_000 }, async () => {
    const { code, out, err } = await spawnCheck(['./endless.ts', '--json'], folder({ 'endless.ts': endless }), ['--max-old-space-size=80'])
    expect({ code, err }).toEqual({ code: 3, err: '' })
    const report = JSON.parse(out) as { states: number; depth: number }
    expect(report).toMatchObject({ verdict: 'inconclusive', stoppedBy: 'memory' })
    expect(report).toMatchObject({ notes: expect.arrayContaining([expect.stringContaining('--max-old-space-size')]) })
    expect(Math.min(report.states, report.depth)).toBeGreaterThan(3)
  })
})

describe('where a table cannot grow', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it.each(['a search', 'a look ahead'])('while it is in %s, the check is inconclusive, and no defect', async what => {
    const { expand } = FoundStates.prototype
    let expanded = 0
    vi.spyOn(FoundStates.prototype, 'expand').mockImplementation(function (this: FoundStates, number) {
      if (++expanded > 20) throw new RangeError('Array buffer allocation failed')
      return expand.call(this, number)
    })
    const reduce = ['dead-messages', 'bisimulation'] as const
    const report = await explore(alarmClock(50), what === 'a search' ? {} : { reduce })
    expect(report).toMatchObject({ verdict: 'inconclusive', complete: false, stoppedBy: 'memory', property: null })
    expect(report.states).toBeGreaterThan(3)
  })

  it('a stack or a number that is too large is none of this', async () => {
    vi.spyOn(FoundStates.prototype, 'begin').mockRejectedValue(new RangeError('Maximum call stack size exceeded'))
    await expect(explore(twoPhaseCommit({ resources: 3 }))).rejects.toThrow('call stack')
  })
})
