/**
 * One question, asked in one way, in this process: `learning-child.ts WAY SECONDS TARGET [PARAMETER VALUE]…`, or `… random SEED RUNS`, prints JSON.
 */
import fc from 'fast-check'
import { explore } from '../checker/check/explore.ts'
import type { Options } from '../checker/check/options.ts'
import type { Reduction } from '../checker/check/reductions.ts'
import { loadSpec } from '../checker/cli/load.ts'
import type { ParameterValue } from '../checker/protocol/spec.ts'
import { Spending } from '../checker/reduce/spending.ts'
import { FoundStates } from '../checker/search/found-states.ts'
import { standardTuning } from '../checker/tables/tuning.ts'
import { acceptedProtocol, larger } from '../test/support/random-protocol.ts'

/** What is asked for; `default` is what `check` does when nothing is said. */
export const ways = {
  default: undefined,
  nothing: [],
  symmetry: ['symmetry'],
  'symmetry, subsumption': ['symmetry', 'subsumption'],
} as const satisfies { readonly [way: string]: readonly Reduction[] | undefined }

export type Way = keyof typeof ways

export interface Learnt {
  /** Of the check alone. */
  readonly cpuSeconds: number
  /** By the clock. */
  readonly seconds: number
  /** Steps of all its searches and looks, and what the runs of handlers and the comparisons of states come to in steps (checker/reduce/spending.ts). */
  readonly work: number
  readonly verdict: string
  readonly states: number
  readonly handlerCalls: number
}

/** Random protocols with fewer states are no test of what a search costs. */
const LARGE_STATES = 1_000

/** It is made larger so often until it has so many, */
const LARGER_MAX = 6

/** and left out if it has more. */
const LARGEST_STATES = 60_000

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

let steps = 0
/** Of all searches, and looks ahead. */
let begun: FoundStates[] = []
const { begin } = FoundStates.prototype
const { compared } = Spending.prototype
FoundStates.prototype.begin = function (this: FoundStates, isOver) {
  begun.push(this)
  return begin.call(this, isOver)
}
Spending.prototype.compared = function (this: Spending, comparisons) {
  steps += comparisons / 4
  compared.call(this, comparisons)
}

const ask = async (spec: Parameters<typeof explore>[0], options: Options): Promise<Learnt> => {
  const [before, began] = [cpuSeconds(), performance.now()]
  steps = 0
  begun = []
  const { verdict, states, handlerCalls } = await explore(spec, options)
  return {
    cpuSeconds: cpuSeconds() - before,
    seconds: (performance.now() - began) / 1000,
    work: steps + begun.reduce((sum, { transitions }) => sum + transitions, 0) + standardTuning.callSteps * handlerCalls,
    verdict,
    states,
    handlerCalls,
  }
}

const [way, seconds, target = '', ...rest] = process.argv.slice(2)
if (way !== undefined && way in ways) {
  const options = (of: Way): Options => ({ seconds: Number(seconds), ...(ways[of] && { reduce: ways[of] }) })
  if (target === 'random') {
    const [seed, numRuns] = rest.map(Number) as [number, number]
    for (const { description } of fc.sample(acceptedProtocol, { seed, numRuns })) {
      let nothing: Learnt | undefined
      let by = -1
      while (++by < LARGER_MAX && (nothing === undefined || nothing.states < LARGE_STATES))
        nothing = await ask(larger(description, by), { ...options('nothing'), states: LARGEST_STATES })
      if (nothing === undefined || nothing.states < LARGE_STATES || nothing.verdict === 'inconclusive') continue
      const protocol = larger(description, by - 1)
      const found: { [of in Way]?: Learnt } = { nothing }
      for (const of of Object.keys(ways) as Way[]) found[of] ??= await ask(protocol, options(of))
      console.log(JSON.stringify(found))
    }
  } else {
    const spec = await loadSpec(target, process.cwd())
    const given = Object.fromEntries(
      rest.flatMap((name, i): [string, ParameterValue][] => (i % 2 === 0 ? [[name.slice(2), JSON.parse(rest[i + 1] as string) as ParameterValue]] : [])),
    )
    console.log(JSON.stringify(await ask(spec.make({ ...spec.defaults, ...given }), options(way as Way))))
  }
}
