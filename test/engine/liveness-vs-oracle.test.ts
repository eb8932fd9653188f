/**
 * Liveness against its definition, on random protocols with random fairness and random properties: PROTOCHECK_LIVENESS_RUNS says how many, PROTOCHECK_SEED which. A failure prints the (shrunk)
 * protocol and what was drawn for it.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { asynchronous, partiallySynchronous, synchronous } from '../../checker/index.ts'
import { replay } from '../../checker/trace/replay.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import { judgeByDefinition } from '../support/liveness-oracle.ts'
import { type WalkOfBoth, walkOfBoth } from '../support/oracle-walk.ts'
import { drawnLiveness, protocolOfRounds, rounds, roundsWithLiars, withLiveness } from '../support/random-liveness.ts'
import { acceptedProtocol, randomProtocolInTime } from '../support/random-protocol.ts'
import { askNoResources } from '../support/resources.ts'

const runs = Number(process.env['PROTOCHECK_LIVENESS_RUNS'] ?? 60)
const seed = Number(process.env['PROTOCHECK_SEED'] ?? 20_261_128)
/** Protocols with more states, or with more that lead to one another, are passed over. */
const STATES_MAX = 150
const CYCLE_MAX = 10

const timings = [
  synchronous({ delay: { max: 1 } }),
  synchronous({ delay: { max: 0 } }),
  partiallySynchronous({ delay: { max: 1 } }),
  asynchronous({ delay: { min: 1 } }),
]

askNoResources()

describe(`on ${runs} random protocols (seed ${seed})`, () => {
  it(
    'liveness is judged as its definition says, and each lasso replays',
    async () => {
      const met = { judged: 0, holds: 0, violated: 0, inconclusive: 0, cycles: 0, later: 0, changed: 0 }
      let passedOver = 0
      const going = fc
        .oneof({ arbitrary: rounds, weight: 3 }, { arbitrary: roundsWithLiars, weight: 1 })
        .map(description => ({ description, protocol: protocolOfRounds(description) }))
      // With partitions liveness is refused.
      const lasting = acceptedProtocol.filter(({ protocol }) => !protocol.faults?.some(({ type }) => type === 'partition'))
      const timed = fc.oneof(
        fc.tuple(rounds, fc.constantFrom(...timings)).map(([description, timing]) => {
          const protocol = protocolOfRounds(description)
          return { description: { ...description, timing }, protocol: { ...protocol, timing: protocol.network === 'fair-loss' ? asynchronous() : timing } }
        }),
        randomProtocolInTime.filter(({ mayBeRefused }) => !mayBeRefused).map(({ protocol, description }) => ({ description, protocol })),
      )
      const any = fc.oneof(
        { arbitrary: going, weight: 4 },
        { arbitrary: timed, weight: 2 },
        { arbitrary: lasting.map(({ protocol, description }) => ({ description, protocol })), weight: 1 },
      )
      const agrees = fc.asyncProperty(any, drawnLiveness, fc.nat(), async ({ protocol: made }, drawn, number) => {
        const protocol = withLiveness(made, drawn)
        const expected = judgeByDefinition(protocol, STATES_MAX, CYCLE_MAX)
        if (expected === undefined) passedOver++
        fc.pre(expected !== undefined)
        for (const [property, verdict] of Object.entries(expected)) {
          const report = await explore(protocol, { property })
          const { counterexample } = report
          expect({ property, verdict: report.verdict }).toEqual({ property, verdict })
          met.judged++
          met[verdict]++
          if (counterexample === null) continue
          if ((counterexample.repeatsFrom as number) < counterexample.steps.length) met.cycles++
          expect(replay(counterexample, protocol)).toEqual({ kind: 'violates' })
        }
        // The same after some steps: what came before may have asked for it, or have satisfied it.
        const walk = walkOfBoth(protocol, 1 + (number % 4), number)
        const later = walk && judgeByDefinition(protocol, STATES_MAX, CYCLE_MAX, walk)
        for (const [property, verdict] of Object.entries(later ?? {})) {
          const { trace } = walk as WalkOfBoth
          const report = await explore(protocol, { property, after: trace })
          const { counterexample } = report
          expect({ property, verdict: report.verdict, after: trace.steps.map(stepText) }).toEqual({ property, verdict, after: trace.steps.map(stepText) })
          if (trace.steps.length > 0) met.later++
          if (verdict !== expected?.[property]) met.changed++
          if (counterexample === null) continue
          const { steps, repeatsFrom = 0 } = counterexample
          const whole = { ...trace, property, steps: [...trace.steps, ...steps], repeatsFrom: trace.steps.length + repeatsFrom }
          expect(replay(whole, protocol)).toEqual({ kind: 'violates' })
        }
      })
      await fc.assert(agrees, { numRuns: runs, seed })
      if (process.env['PROTOCHECK_LIVENESS_RUNS'] !== undefined) console.log({ ...met, passedOver })
      expect(Object.entries(met).filter(([, count]) => count === 0)).toEqual([])
    },
    60_000 + runs * 5_000,
  )
})
