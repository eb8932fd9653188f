/**
 * The engine against the oracle, on a few random protocols, the same each time; `npm run soak` compares it on as many as there is time for. PROTOCHECK_RUNS says
 * how many here, PROTOCHECK_SEED which, PROTOCHECK_STATES how large; a failure prints the (shrunk) description of its protocol, an expression that `protocolOf` takes.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, Tally } from '../support/comparison.ts'
import { oracle } from '../support/oracle.ts'
import { randomProtocol } from '../support/random-protocol.ts'
import { askNoResources } from '../support/resources.ts'
import { pooled } from '../support/workers-support.ts'

const runs = Number(process.env['PROTOCHECK_RUNS'] ?? 60)
const seed = Number(process.env['PROTOCHECK_SEED'] ?? 20_261_122)
/** Protocols with more states are skipped, and counted. */
const statesMax = Number(process.env['PROTOCHECK_STATES'] ?? 200)

askNoResources()

const workers = pooled(2)

describe(`on ${runs} random protocols (seed ${seed})`, () => {
  it(
    'the engine agrees with the oracle, and every reduction had something to do',
    async () => {
      let [tried, skipped] = [0, 0]
      const tally = new Tally()
      const agrees = fc.asyncProperty(randomProtocol, fc.noShrink(fc.nat()), async ({ protocol, mayBeRefused }, drawnSeed) => {
        tried++
        const findings = oracle(protocol, { statesMax })
        if (!findings.complete) skipped++
        fc.pre(findings.complete)
        await compare(protocol, findings, { tally, workers: tally.protocols % 10 === 0 ? workers : undefined, seed: drawnSeed, mayBeRefused })
      })
      await fc.assert(agrees, { numRuns: runs, seed })
      expect(skipped).toBeLessThan(tried / 2)
      expect([...tally.reductions].filter(([, { inForce }]) => inForce === 0)).toEqual([])
      // Those are for protocols which were made for them: reopening.test.ts, workers.test.ts.
      expect([...tally.phases].filter(([phase, count]) => count === 0 && phase !== 'reopened' && phase !== 'taken back')).toEqual([])
    },
    60_000 + runs * 60_000,
  )
})
