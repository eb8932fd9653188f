/** One question, asked in one way, in this process: `learning-child.ts WAY SECONDS TARGET [PARAMETER VALUE]…`, or `… random SEED RUNS`, prints JSON. */
import fc from 'fast-check'
import { explore } from '../checker/check/explore.ts'
import type { Options } from '../checker/check/options.ts'
import type { Reduction } from '../checker/check/reductions.ts'
import { loadSpec } from '../checker/cli/load.ts'
import type { ParameterValue } from '../checker/protocol/spec.ts'
import { randomProtocol } from '../test/support/random-protocol.ts'

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
  readonly verdict: string
  readonly states: number
  readonly handlerCalls: number
}

/** Random protocols with fewer states are no test of what a search costs. */
const LARGE_STATES = 1_000

/** Those with more are left out. */
const LARGEST_STATES = 100_000

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

const ask = async (spec: Parameters<typeof explore>[0], options: Options): Promise<Learnt> => {
  const before = cpuSeconds()
  const { verdict, states, handlerCalls } = await explore(spec, options)
  return { cpuSeconds: cpuSeconds() - before, verdict, states, handlerCalls }
}

const [way, seconds, target = '', ...rest] = process.argv.slice(2)
if (way !== undefined && way in ways) {
  const options = (of: Way): Options => ({ seconds: Number(seconds), ...(ways[of] && { reduce: ways[of] }) })
  if (target === 'random') {
    const [seed, numRuns] = rest.map(Number) as [number, number]
    for (const { protocol } of fc.sample(randomProtocol, { seed, numRuns })) {
      const nothing = await ask(protocol, { ...options('nothing'), states: LARGEST_STATES }).catch(() => undefined)
      if (nothing === undefined || nothing.states < LARGE_STATES || nothing.verdict === 'inconclusive') continue
      // The first check of a protocol also compiles what the second finds compiled.
      const found: [Way, Learnt][] = []
      for (const of of Object.keys(ways) as Way[]) found.push([of, await ask(protocol, options(of))])
      console.log(JSON.stringify(Object.fromEntries(found)))
    }
  } else {
    const spec = await loadSpec(target, process.cwd())
    const given = Object.fromEntries(
      rest.flatMap((name, i): [string, ParameterValue][] => (i % 2 === 0 ? [[name.slice(2), JSON.parse(rest[i + 1] as string) as ParameterValue]] : [])),
    )
    console.log(JSON.stringify(await ask(spec.make({ ...spec.defaults, ...given }), options(way as Way))))
  }
}
