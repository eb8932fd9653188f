import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import { decidedRules, watchRules } from '../../checker/protocol/rules.ts'
import { System } from '../../checker/run/system.ts'
import { nameOf } from '../../checker/trace/replay.ts'
import { canonical } from '../../checker/trace/show.ts'
import { Walker } from '../../checker/trace/walk.ts'
import type { Moment } from './session.ts'

/** A rule that the code of a step asked for. */
export interface AskedRule {
  readonly label: string
  /** What it found, in each of the runs by choices. */
  readonly answers: readonly boolean[]
  /** A mutant decides it beforehand, whatever it finds. */
  readonly isDecided: boolean
}

/** A walker, and what rules its steps ask for. */
export interface RuledWalker {
  readonly walker: Walker
  /** The rules that the last step to a moment asked for, in their order: the code runs once more. */
  asked(at: Moment): readonly AskedRule[]
}

export const ruledWalker = (protocol: AnyProtocol): RuledWalker => {
  let heard = new Map<string, Set<boolean>>()
  const watched = watchRules(protocol, (label, holds) => {
    const answers = heard.get(label) ?? new Set()
    heard.set(label, answers.add(holds))
  })
  const walker = new Walker(new System(watched))
  const decided = decidedRules(protocol)
  return {
    walker,
    asked({ step, before }) {
      const state = before?.live?.state
      if (step === null || state === undefined) return []
      const name = canonical(nameOf(step))
      for (const attempt of walker.attempts(state)) {
        heard = new Map()
        if (attempt.take().some(taken => canonical(nameOf(taken.step)) === name))
          return [...heard].map(([label, answers]) => ({ label, answers: [...answers], isDecided: decided.includes(label) }))
      }
      return []
    },
  }
}
