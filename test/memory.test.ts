/** A search that is larger than its memory ends before it takes more, with all its figures. */
import { describe, expect, it } from 'vitest'
import { spawnCheck } from './cli-support.ts'

const MB = 2 ** 20

describe('a search larger than --memory', () => {
  // 10,340,352 states exact, in some 360 MB; raft's records are wide, and become wider while it runs.
  it.each([
    ['transaction-commit --resources 9 --no-reduce', 230],
    ['transaction-commit --resources 9 --no-reduce --hashed', 230],
    ['raft --broadcasts 2 --crashes 0 --no-reduce', 400],
  ] as const)('%s', { timeout: 120_000 }, async (command, megabytes) => {
    const { code, out, err } = await spawnCheck([...command.split(' '), '--memory', `${megabytes}MB`, '--json'], process.cwd())
    const { verdict, states, peakBytes } = JSON.parse(out) as { verdict: string; states: number; peakBytes: number }
    expect({ code, err, verdict }).toEqual({ code: 3, err: '', verdict: 'inconclusive' })
    expect(states).toBeGreaterThan(500_000)
    expect(peakBytes).toBeLessThan(1.1 * megabytes * MB)
  })
})
