import { SpecError, type SpecErrorParts } from '../../protocol/errors.ts'
import { type Broken, drift, driftOfBroken, type Proof } from '../../prove/lock.ts'
import { parseTrace } from '../../trace/schema.ts'
import type { Trace } from '../../trace/trace.ts'
import { visible } from '../../trace/visible.ts'
import { flagsOf, showParameters } from '../parameters.ts'
import { shellWord } from '../shell-word.ts'
import { counted, formatCount } from '../units.ts'
import type { Planned } from './plan.ts'
import { type Found, restored } from './task.ts'

/** A proof that was derived, and whether it is as it should be. */
export interface Judged {
  readonly planned: Planned
  readonly isGood: boolean
  /** `raft  nodes 3: holds, complete, …`. */
  readonly headline: string
  /** What is wrong; or, where all is well, what is worth a remark. */
  readonly lines: readonly string[]
  readonly found: Found | null
  /** The spec is broken, or the proof was cut off: nothing is known. */
  readonly error: SpecErrorParts | null
  readonly isCached: boolean
  /** A counterexample that should not be. */
  readonly unexpected: Trace | null
  /** What the lock file is to say; undefined if nothing. */
  readonly record: Proof | Broken | undefined
}

/** What to type to see it by itself. */
export const commandOf = ({ spec, task, kind }: Planned): string =>
  ['npx check', shellWord(spec.command), ...(kind === 'proof' ? [flagsOf(restored(spec, task.parameters))] : [`--${kind} ${shellWord(task.variant ?? '')}`])]
    .filter(part => part !== '')
    .join(' ')

export const titleOf = ({ task }: Planned): string =>
  task.variant === null ? `${visible(task.protocol)}  ${showParameters(task.parameters)}` : `${visible(task.protocol)}, ${visible(task.variant)}`

export const failed = (planned: Planned, error: unknown): Judged => {
  if (!(error instanceof SpecError)) throw error
  const { title, what } = error.parts
  const lines = [`${title}: ${what}`]
  return {
    planned,
    isGood: false,
    headline: titleOf(planned),
    lines,
    found: null,
    error: error.parts,
    isCached: false,
    unexpected: null,
    record: planned.recorded,
  }
}

export const judged = (planned: Planned, found: Found, isCached: boolean, update: boolean, checker: string): Judged => {
  const { recorded, task } = planned
  const trace = found.trace === null ? null : parseTrace(found.trace, titleOf(planned))
  const base = { planned, found, error: null, isCached }
  if (task.variant === null) {
    const proof = proofOf(planned, found, checker)
    const before = recorded as Proof | undefined
    const lines = [...(found.why === null ? [] : [found.why]), ...(before === undefined ? (update ? [] : [NOT_RECORDED]) : drift(before, proof))]
    const isGood = proof.verdict === 'holds' && (lines.length === 0 || update)
    const again = before !== undefined && before.checker !== checker && update ? proof : lines.length === 0 && before !== undefined ? before : proof
    return { ...base, isGood, headline: shown(proof), lines, unexpected: trace, record: again }
  }
  const { broken, lines } = brokenOf(planned, found, trace, update)
  // One that holds is not recorded as broken.
  const record = broken !== undefined && lines.length === 0 && recorded !== undefined && !update ? recorded : broken
  return { ...base, isGood: lines.length === 0, headline: shownBroken(planned, broken), lines, unexpected: null, record }
}

const NOT_RECORDED = 'It is not in the lock file: record it with --update.'

const proofOf = ({ task }: Planned, { verdict, property, complete, states, depth, reductions, behaviour, seconds }: Found, checker: string): Proof => ({
  protocol: task.protocol,
  parameters: task.parameters,
  verdict,
  property,
  complete,
  states,
  depth,
  reductions,
  behaviour,
  checker,
  seconds,
})

/** How it broke, against what its file says or what is recorded. */
const brokenOf = (
  { spec, task, recorded, length: said }: Planned,
  { verdict, property, shortest, seconds, states, depth, why }: Found,
  trace: Trace | null,
  update: boolean,
): { readonly broken?: Broken; readonly lines: readonly string[] } => {
  const name = task.variant as string
  const breaks = Object.hasOwn(spec.mutants, name) ? spec.mutants[name]?.breaks : name
  if (why !== null)
    return {
      lines: [
        `It should break ${breaks}, and did not in ${formatCount(states)} states, ${counted(depth, 'step')} deep. ${why}`,
        'If it has no end, bound what its nodes may count to (`within`). If it only takes long, mark it `slow`: then it may take as long as it takes.',
      ],
    }
  if (verdict !== 'violated' || property === null) return { lines: [`It should break ${breaks}, and the answer is: ${verdict}.`] }
  if (trace !== null && !shortest && trace.repeatsFrom === undefined)
    return { lines: [`It breaks ${property}, by no counterexample that is known to be a shortest.`] }
  const broken: Broken = { protocol: task.protocol, variant: name, property, parameters: task.parameters, length: trace?.steps.length ?? null, seconds }
  const lines = said === undefined || said === broken.length ? [] : [`Its file says a length of ${said}, and it is ${broken.length}.`]
  if (update) return { broken, lines }
  return { broken, lines: [...lines, ...(recorded === undefined ? [NOT_RECORDED] : driftOfBroken(recorded as Broken, broken))] }
}

const shownBroken = (planned: Planned, broken: Broken | undefined): string =>
  `${titleOf(planned)}${broken === undefined ? '' : `: breaks ${visible(broken.property)}${broken.length === null ? '' : ` in ${counted(broken.length, 'step')}`}`}`

const shown = ({ protocol, parameters, verdict, property, complete, states, depth, seconds }: Proof): string =>
  `${visible(protocol)}  ${showParameters(parameters)}: ${verdict}${property === null ? '' : ` ${visible(property)}`}, ${complete ? 'complete' : 'bounded'}, ${formatCount(states)} states, depth ${depth}, ${seconds} s`
