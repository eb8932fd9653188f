import { describe, expect, it } from 'vitest'
import type { Report } from '../../checker/check/report.ts'
import type { Snapshot } from '../../checker/check/snapshot.ts'
import { explore } from '../../checker/index.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { Refinement } from '../../checker/reduce/bisimulation/refinement.ts'
import { StateGraph } from '../../checker/reduce/bisimulation/state-graph.ts'
import type { DeadMessages } from '../../checker/reduce/dead-messages.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { alarmClock, stages } from '../fixtures/alarm-clock.ts'
import { bracha } from '../fixtures/bracha.ts'
import { lockServer } from '../fixtures/stranger.ts'
import { lastSearch } from '../support/search-support.ts'
import { found } from '../support/workers-support.ts'

describe('learning asks handlers for little that a search does not ask', () => {
  it('a message that is alive is not followed into later states: a server that queues clients reacts to all of them everywhere', async () => {
    const protocol = lockServer({ clients: 5 })
    const symmetry = await explore(protocol, { reduce: ['symmetry'] })
    const byDefault = await explore(protocol)
    expect(byDefault.reductions).toContain('dead-messages')
    // Asked about each message in each state of the server there would be 17,000.
    expect(byDefault.handlerCalls).toBeLessThanOrEqual(symmetry.handlerCalls)
    expect(byDefault).toMatchObject({ verdict: 'holds', complete: true, states: symmetry.states })
  })

  it('nor where states of nodes are sets of senders for each value', async () => {
    const protocol = bracha({ honest: 3, liars: 1, values: 1, lies: 4, echoQuorum: 3 })
    const symmetry = await explore(protocol, { reduce: ['symmetry'], states: 100_000 })
    const byDefault = await explore(protocol)
    expect(byDefault.verdict).toBe('holds')
    expect(byDefault.handlerCalls).toBeLessThanOrEqual(2 * symmetry.handlerCalls)
  })
})

it('the first search goes on to its end, where its levels shrink', async () => {
  const protocol = bracha({ honest: 3, liars: 1, values: 1, lies: 4, echoQuorum: 3 })
  const all = await explore(protocol, { reduce: ['symmetry', 'dead-messages', 'subsumption'] })
  expect(all).toMatchObject({ rounds: 1, complete: true })
  const options = (share: number, firstEnds = 2) => ({ tuning: { firstStates: Math.round(all.states * share), firstEnds, batch: 1 } })
  expect(await explore(protocol, options(0.9))).toMatchObject({ rounds: 1, states: all.states })
  expect((await explore(protocol, options(0.9, 1))).rounds).toBeGreaterThan(1)
  expect((await explore(protocol, options(0.1))).rounds).toBeGreaterThan(1)
})

const reduce = ['dead-messages', 'bisimulation'] as const

describe('classes of states of nodes are learnt in a time near linear in these', () => {
  /** Comparisons for each state of a node, and how many there were at most between two pauses of 50. */
  const compared = async (protocol: AnyProtocol): Promise<{ readonly each: number; readonly atOnce: number }> => {
    const { tables, reducers } = await lastSearch(protocol, { reduce: ['dead-messages'] })
    const dead = reducers.dead as DeadMessages
    const graph = new StateGraph(tables, dead)
    const refinement = new Refinement(tables, dead, graph, Infinity)
    let atOnce = 0
    for (let before = 0, done = false; !done; before = refinement.comparisons) {
      done = refinement.goOn(50)
      atOnce = Math.max(atOnce, refinement.comparisons - before)
    }
    return { each: refinement.comparisons / graph.size, atOnce }
  }

  it.each([
    ['a clock whose last state alone is unlike the others', alarmClock, 200, 800],
    ['a worker that goes on by messages', stages, 100, 400],
  ] as const)('%s', async (_, protocolOf, few, many) => {
    const [small, large] = [await compared(protocolOf(few)), await compared(protocolOf(many))]
    // With every class compared whole whenever a part of it leaves, four times as many states took four times as many comparisons each.
    expect(large.each).toBeLessThan(1.6 * small.each)
    expect(large.atOnce).toBeLessThan(50 + 4 * many)
  })

  it('and the check holds', async () => {
    expect(await explore(alarmClock(300), { reduce })).toMatchObject({ verdict: 'holds', complete: true, states: 1_511 })
  })

  it.each(['look ahead', 'refine'])('a signal that comes in the phase "%s" ends the check', async phase => {
    const abort = new AbortController()
    const phases: string[] = []
    const report = await explore(alarmClock(300), {
      reduce,
      signal: abort.signal,
      tuning: { comparisonsPerPulse: 50, turnMs: 0 },
      onProgress: progress => {
        phases.push(progress.phase)
        if (progress.phase === phase) abort.abort()
      },
    })
    expect(phases.filter(shown => shown === phase)).toHaveLength(1)
    expect(report).toMatchObject({ verdict: 'inconclusive', complete: false, stoppedBy: 'interrupt' })
  })
})

it('a check that is ended while it learns from a search saves that search, and what goes on from there learns the same', async () => {
  const protocol = alarmClock(300)
  const whole = await explore(protocol, { reduce })
  const abort = new AbortController()
  const saved: Snapshot[] = []
  const ended = await explore(protocol, {
    reduce,
    signal: abort.signal,
    tuning: { comparisonsPerPulse: 50, turnMs: 0 },
    checkpoint: { seconds: 1_000, save: async one => void saved.push(structuredClone(one)) },
    onProgress: ({ phase }) => {
      if (phase === 'refine') abort.abort()
    },
  })
  expect(ended.stoppedBy).toBe('interrupt')
  expect(saved).toHaveLength(1)
  const resumed = await explore(protocol, { reduce, tuning: { comparisonsPerPulse: 50, turnMs: 0 }, resume: () => saved[0] as Snapshot })
  expect(found(resumed)).toEqual(found(whole))
})

describe('learning has a share of what searching takes, and is given up beyond it', () => {
  const note = (reduction: string, { notes }: Report): string | undefined => notes.find(text => text.startsWith(`${reduction}: given up`))
  const protocol = stages(100)

  it('bisimulation: the verdict and the counts are those of a search without, and the report says so', async () => {
    const without = await explore(protocol, { reduce: ['dead-messages'] })
    const givenUp = await explore(protocol, { reduce, tuning: { learnSteps: 100, learnShare: 0 } })
    expect(note('bisimulation', givenUp)).toMatch(/Learnt by then: \d+ states of nodes, \d+ of \d+ pairs of a message and such a state in which it is dead\./)
    expect(givenUp).toMatchObject({ verdict: 'holds', complete: true, states: without.states, reductions: ['dead-messages'] })
    const learnt = await explore(protocol, { reduce })
    expect(note('bisimulation', learnt)).toBeUndefined()
    expect(learnt.reductions).toContain('bisimulation')
  })

  it('wherever it is given up, last of all when it would have confirmed a search that used it', async () => {
    const without = await explore(protocol, { reduce: ['dead-messages'] })
    const isGivenUp = async (learnSteps: number): Promise<boolean> => {
      const report = await explore(protocol, { reduce, tuning: { learnSteps, learnShare: 0, aheadShare: 0, comparisonsPerPulse: 50 } })
      expect(report).toMatchObject({ verdict: 'holds', complete: true })
      if (note('bisimulation', report) === undefined) return false
      expect(report).toMatchObject({ states: without.states, reductions: ['dead-messages'] })
      return true
    }
    let [tooFew, enough] = [0, 1_000_000]
    while (enough - tooFew > 1) {
      const between = (tooFew + enough) >> 1
      if (await isGivenUp(between)) tooFew = between
      else enough = between
    }
    const last = await explore(protocol, { reduce, tuning: { learnSteps: tooFew, learnShare: 0, aheadShare: 0, comparisonsPerPulse: 50 } })
    expect(last.rounds).toBeGreaterThan(1)
  })

  it('what looks ahead ask handlers is no part of it, as far as the search asks the same: with it all at once, bisimulation is given up', async () => {
    const asked = raft({ nodes: 3, terms: 1 })
    const options = (aheadShare: number) => ({ tuning: { firstStates: 100, largeStates: 100, largeShare: 0, learnSteps: 0, learnShare: 2, aheadShare } })
    expect(note('bisimulation', await explore(asked, options(8)))).toBeUndefined()
    expect(note('bisimulation', await explore(asked, options(0)))).toBeDefined()
  })

  it('a field that counted as dead was read, so that searches were thrown away', async () => {
    const tuning = { fieldsStates: 1, fieldsVisits: 1, firstStates: 0 }
    const raft1 = raft({ nodes: 2, terms: 1 })
    const often = await explore(raft1, { tuning })
    expect(often.reductions).toContain('dead-fields')
    const givenUp = await explore(raft1, { tuning: { ...tuning, learnSteps: 0, learnShare: 0 } })
    expect(note('dead-fields', givenUp)).toBeDefined()
    expect(givenUp.reductions).not.toContain('dead-fields')
    expect(givenUp.verdict).toBe(often.verdict)
  })
})
