import type { AnyProtocol } from '../protocol/protocol.ts'
import { Spending } from '../reduce/spending.ts'
import { settled } from '../run/environment.ts'
import type { LiveFields } from '../run/live-fields.ts'
import { System } from '../run/system.ts'
import { DeadFieldRead, Untrackable } from '../run/untrackable.ts'
import type { Heap } from '../states/heap.ts'
import { RankRead } from '../tables/symmetry.ts'
import { Tables } from '../tables/tables.ts'
import type { Team } from '../workers/team.ts'
import { endOf, executionTo } from './after.ts'
import { Attempt, type Restart } from './attempt.ts'
import { changedRanks } from './checkpoint.ts'
import { CannotBeWalked } from './counterexample.ts'
import { type Known, knownAtFirst } from './known.ts'
import { withWalk } from './leads-to.ts'
import { noSuchRule, refuseUnknownRules, unmetNote } from './left-out-rules.ts'
import type { Options } from './options.ts'
import { mayUse } from './reductions.ts'
import type { Report } from './report.ts'

/** A check of a protocol: attempts, each with tables of its own, until one of them answers. An attempt ends without an answer where a reduction turns out not to apply. */
export class Check {
  readonly #known: Known

  /** @throws SpecError if a snapshot is of another protocol, or of other options */
  constructor(protocol: AnyProtocol, options: Options, team: Team | undefined, heap: Heap) {
    this.#known = knownAtFirst(protocol, options, team, heap)
  }

  async run(): Promise<Report> {
    for (;;) {
      const report = await this.#attempt()
      if (report !== undefined) return report
    }
  }

  /** Nothing if another attempt is to be made, with what is known by then. */
  async #attempt(): Promise<Report | undefined> {
    const { protocol, options, tuning, fields, spent, ordered } = this.#known
    const system = new System(protocol, { without: options.without ?? [] })
    for (const [kind, why] of ordered) system.orderedKinds.set(kind, why)
    const live = fields.fieldsOf(system)
    const looksForFields = fields.stage === 'learn'
    const spending = new Spending(spent, tuning, system)
    try {
      const property = options.property === undefined ? {} : { property: options.property }
      const tables = new Tables(system, {
        symmetry: mayUse(options, 'symmetry'),
        tuning,
        live,
        start: options.after && endOf(executionTo(system, options.after)),
        ...property,
      })
      const answer = await new Attempt(tables, this.#known, spending, () => this.#findDeadFields()).run()
      if ('report' in answer) return await this.#finished(withNotes(answer.report, this.#known), system)
      // What several threads did counts for nothing, so it has cost nothing either.
      if (answer.restart !== 'order') spending.end(looksForFields)
      this.#restart(answer.restart, system)
    } catch (error) {
      const isRefuted = error instanceof DeadFieldRead || error instanceof Untrackable || isUnclear(error, live)
      spending.end(isRefuted || looksForFields)
      if (error instanceof RankRead) this.#orders(system)
      else if (isRefuted) this.#refuted(error, system, live)
      else throw withWalk(protocol, error)
    } finally {
      system.end()
    }
    return undefined
  }

  #restart(restart: Restart, system: System): void {
    const known = this.#known
    if (restart === 'fields') known.fields.callsBefore += system.calls
    else if (restart === 'order') {
      known.resume = known.handedOver
      known.takenBack = true
      known.fields.again()
    } else {
      // Dead messages would hide what the property looks at, and other threads cannot ask for each state.
      known.deadMessages = known.subsumption = false
      known.team = undefined
    }
  }

  /** The rank of an id was read: what is not permuted is known by now. @throws SpecError if the search goes on elsewhere, where it was not read */
  #orders({ orderedKinds }: System): void {
    const { protocol, ordered, resume } = this.#known
    if (resume !== undefined) throw changedRanks(protocol)
    for (const [kind, why] of orderedKinds) ordered.set(kind, why)
  }

  /** A field was read that counted as dead, or that cannot be followed. */
  #refuted(error: unknown, system: System, live: LiveFields | undefined): void {
    const known = this.#known
    if (error instanceof Untrackable) known.fields.giveUp()
    else known.fields.refute(live, known.spent)
    known.fields.callsBefore += system.calls
    known.resume = undefined
  }

  /** With tables of its own, as code is given looks there. Is the attempt that asks to be made anew, by what is known by now? */
  async #findDeadFields(): Promise<boolean> {
    const { deadMessages, ordered, fields } = this.#known
    const kinds = ordered.size
    fields.begin()
    while (fields.stage === 'learn') await this.#attempt()
    return fields.stage === 'reset' || this.#known.deadMessages !== deadMessages || ordered.size !== kinds
  }

  /** @throws SpecError if code of the spec went on after it was to have ended, or a rule is left out that there is not */
  async #finished(report: Report, system: System): Promise<Report> {
    const { protocol, options } = this.#known
    await settled()
    system.refuseLate()
    // What a resumed search met before it did not run again.
    const unmet = (options.without ?? []).filter(label => !system.rules.has(label))
    if (report.complete && report.verdict === 'holds' && options.resume === undefined) {
      refuseUnknownRules(protocol, system.rules)
      for (const label of unmet) await this.#refuseUnmet(label, system)
    }
    return unmet.length === 0 ? report : { ...report, notes: [...report.notes, ...unmet.map(unmetNote)] }
  }

  /** Where other rules are left out, too, one of them may be what asks for it. */
  async #refuseUnmet(label: string, { rules }: System): Promise<void> {
    const { protocol, options, heap } = this.#known
    const { checkpoint: _, ...again } = options
    if ((options.without ?? []).length === 1) throw noSuchRule(protocol, label, rules)
    await new Check(protocol, { ...again, without: [label] }, undefined, heap).run()
  }
}

/** In a mode that was not met when it was learnt what is dead, nothing is reset: but the search came there with fields that were reset before, and an execution does not. By now the mode is known. */
const isUnclear = (error: unknown, live: LiveFields | undefined): boolean => error instanceof CannotBeWalked && live?.resets === true

/** With what a report cannot know by itself: what an earlier attempt saw, what was given up, and whose limit the memory was. */
const withNotes = (report: Report, { most, spent, heap }: Known): Report => {
  const sawLess = report.verdict === 'inconclusive' && report.states < most.states
  const isHeapFull = report.stoppedBy === 'memory' && heap.isFull
  return {
    ...report,
    ...(sawLess ? most : {}),
    notes: [
      ...report.notes,
      ...(sawLess ? [`The counts are those of the search that saw most, of ${report.rounds}; the last one ended sooner.`] : []),
      ...spent.givenUp,
      ...(isHeapFull ? ['The heap of JavaScript objects came near its own limit: NODE_OPTIONS=--max-old-space-size=16000 (megabytes) raises it.'] : []),
    ],
  }
}
