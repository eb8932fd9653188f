/**
 * `npm run soak -- --runs 10000 --seed 1` compares the engine with the oracle on so many random protocols, and says how often each reduction had something to do.
 * With `--for partial-order` only on protocols that this reduction goes with, and in the ways that use it. Ctrl-C ends it with the table so far. On a disagreement it
 * prints the protocol, an expression that `protocolOf` takes, first as it is and then shrunk, with the seed, and ends with status 1.
 */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { type Reduction, reductionNames } from '../checker/check/reductions.ts'
import { type Compared, compare, type Disagreement, Tally } from './support/comparison.ts'
import { PairTally, smallSubjects, specSubjects, tryPairs } from './support/option-pairs.ts'
import { oracle } from './support/oracle.ts'
import { randomProtocol, randomProtocolFor, randomProtocolInTime, randomProtocolWithLiars } from './support/random-protocol.ts'
import { askNoResources } from './support/resources.ts'
import { pooled } from './support/workers-support.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string' },
    /** It ends after so many, with what it has compared by then. */
    minutes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Protocols with more states are passed over, and counted. */
    states: { type: 'string', default: '200' },
    for: { type: 'string' },
    /** Searches for a property in one of the ways, for each protocol, */
    ways: { type: 'string' },
    /** and with random options. */
    drawn: { type: 'string' },
    /** Every so many protocols, two threads are compared with one, which takes longer than all else; 0 for never. */
    threads: { type: 'string', default: '10' },
    /** A protocol about which they disagree is printed as it is, and not shrunk. */
    unshrunk: { type: 'boolean', default: false },
    /** Only protocols in which nodes may lie. */
    liars: { type: 'boolean', default: false },
    /** Only protocols in which there is time. */
    time: { type: 'boolean', default: false },
    /** In place of random protocols: every pair of options on 30 small ones. */
    pairs: { type: 'boolean', default: false },
  },
})
const [seed, statesMax, threadsEvery] = [values.seed, values.states, values.threads].map(Number) as [number, number, number]
const [ways, drawn] = [values.ways, values.drawn].map(text => (text === undefined ? undefined : Number(text)))
const numRuns = Number(values.runs ?? (values.minutes === undefined ? 1_000 : 1_000_000_000))
const minutes = Number(values.minutes ?? 0)
for (const [name, number] of Object.entries({ runs: numRuns, minutes, seed, states: statesMax, threads: threadsEvery, ways: ways ?? 0, drawn: drawn ?? 0 }))
  if (!(number >= 0)) throw new Error(`--${name} takes a number.`)
if (values.for !== undefined && !(reductionNames as readonly string[]).includes(values.for))
  throw new Error(`--for ${values.for}: there is ${reductionNames.join(', ')}.`)
const only = values.for as Reduction | undefined

askNoResources()

const tally = new Tally()
const workers = threadsEvery > 0 && only === undefined ? pooled(2) : undefined
let [tooLarge, threaded] = [0, 0]
let disagreed: Compared | undefined
let failed = false
const began = performance.now()

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
if (values.pairs) {
  const pairs = new PairTally()
  const soFar = (): string => `${cpuSeconds().toFixed(0)} CPU s: ${JSON.stringify(pairs.total)}`
  setInterval(() => console.error(soFar()), 30_000)
  process.on('SIGINT', () => {
    console.log(`Interrupted.\n${pairs}\n${soFar()}`)
    process.exit(130)
  })
  await tryPairs([...specSubjects, ...smallSubjects(26)], pooled(2), { tally: pairs })
  console.log(`${pairs}\n${soFar()}`)
  process.exit(pairs.failed.length > 0 ? 1 : 0)
}

const figures = (): string =>
  `${tally.protocols} protocols of at most ${statesMax} states (seed ${seed}${only === undefined ? '' : `, for ${only}`}), ${tooLarge} larger passed over, ` +
  `${threaded} with two threads, ${tally.searches} searches for a property and ${tally.drawn} with random options, ${cpuSeconds().toFixed(0)} CPU s in ${((performance.now() - began) / 1000).toFixed(0)} s`

const progress = setInterval(() => console.error(figures()), 30_000)
process.on('SIGINT', () => {
  console.log(`Interrupted.\n${figures()}\n${tally}`)
  process.exit(130)
})

const agrees = fc.asyncProperty(
  values.liars ? randomProtocolWithLiars : values.time ? randomProtocolInTime : only === undefined ? randomProtocol : randomProtocolFor[only],
  fc.noShrink(fc.nat()),
  async (one, drawnSeed) => {
    const findings = oracle(one.protocol, { statesMax })
    if (!findings.complete) tooLarge++
    fc.pre(findings.complete)
    const inThreads = threadsEvery > 0 && tally.protocols % threadsEvery === 0 ? workers : undefined
    try {
      await compare(one.protocol, findings, {
        tally,
        only,
        workers: inThreads,
        seed: drawnSeed,
        mayBeRefused: one.mayBeRefused,
        ...(ways === undefined ? {} : { ways }),
        ...(drawn === undefined ? {} : { drawn }),
        again: disagreed,
      })
      if (inThreads !== undefined) threaded++
    } catch (error) {
      if (disagreed === undefined)
        console.log(`After ${tally.protocols} protocols: ${(error as Error).message}\nprotocolOf(${fc.stringify(one)})${values.unshrunk ? '' : '\nShrinking…'}`)
      disagreed ??= (error as Disagreement).compared
      throw error
    }
  },
)
try {
  await fc.assert(agrees, {
    numRuns,
    seed,
    maxSkipsPerRun: 1000,
    endOnFailure: values.unshrunk,
    ...(minutes > 0 ? { interruptAfterTimeLimit: minutes * 60_000, markInterruptAsFailure: false } : {}),
  })
  console.log('All agreed.')
} catch (error) {
  // Too many are too large, or something that is no disagreement: neither is agreement.
  failed = true
  console.log((error as Error).message)
}
clearInterval(progress)
console.log(`${figures()}\n${tally}`)
process.exit(failed ? 1 : 0)
