/** Where code of the protocol takes long, the world outside has its turn between two pulses of a search, too: there it can be ended, and gone on with. */
import { expect, it } from 'vitest'
import { explore, type Options, type Report, type Snapshot } from '../../checker/index.ts'
import { Search } from '../../checker/search/search.ts'
import type { Tuning } from '../../checker/tables/tuning.ts'
import { raft } from '../../specs/raft/protocol.ts'
import { twoPhaseCommit } from '../../specs/two-phase-commit/protocol.ts'

const tuning: Partial<Tuning> = { callsPerTurn: 3, pulseMs: 0, turnMs: 0, batch: 16, expandedPerPulse: 4, firstStates: 60, firstStatesToDepth: 60 }

/** Without liveness, which is judged in one piece. */
const twoReplicas = (): Parameters<typeof explore>[0] => {
  const protocol = twoPhaseCommit({ replicas: 2 })
  const { everybodyDecidesInTheEnd: _, ...properties } = protocol.properties
  return { ...protocol, properties }
}

/** Called whenever the outside world is to have its turn there. */
let onTurn = (): void => {}
const { isStoppedBetween } = Search.prototype
Search.prototype.isStoppedBetween = function (this: Search) {
  onTurn()
  return isStoppedBetween.call(this)
}

/** The same check, ended at every so many of these turns and gone on with, to its answer; and how many pieces it had. */
const inPieces = async (spec: Parameters<typeof explore>[0], options: Options, turns: number): Promise<readonly [Report, number]> => {
  const kept: Snapshot[] = []
  const save = async (one: Snapshot) => void kept.push(structuredClone(one))
  for (let pieces = 1; pieces < 400; pieces++) {
    const stop = new AbortController()
    let turn = 0
    onTurn = () => void (++turn === turns && stop.abort())
    const resume = () => structuredClone(kept.at(-1)) as Snapshot
    const report = await explore(spec, { ...options, tuning, signal: stop.signal, checkpoint: { seconds: 1e9, save }, ...(pieces > 1 && { resume }) })
    if (report.stoppedBy !== 'interrupt') return [report, pieces]
  }
  throw new Error('It does not come to an end.')
}

it.each([
  ['breadth-first', twoReplicas(), {}],
  ['breadth-first, unreduced', twoReplicas(), { reduce: [] }],
  ['depth-first', twoReplicas(), { order: 'depth' }],
  ['with what is learnt', raft({ nodes: 3, terms: 1, length: 1, broadcasts: 1, crashes: 0 }), {}],
] satisfies [string, Parameters<typeof explore>[0], Options][])(
  'a search that is ended there, and gone on with, is as one that was not: %s',
  async (_, spec, options) => {
    onTurn = () => {}
    const { verdict, complete, states, transitions, depth, reductions } = await explore(spec, {
      ...options,
      tuning,
      checkpoint: { seconds: 1e9, async save() {} },
    })
    onTurn = () => {}
    const [report, pieces] = await inPieces(spec, options, 7)
    expect(report).toMatchObject({ verdict, complete, states, transitions, depth, reductions })
    expect(pieces).toBeGreaterThan(2)
  },
)
