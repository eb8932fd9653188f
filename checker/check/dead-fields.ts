import { SpecError } from '../protocol/errors.ts'
import { givenUp, isSpent, type Spent } from '../reduce/spending.ts'
import { type FieldFacts, LiveFields } from '../run/live-fields.ts'
import type { System } from '../run/system.ts'
import { lookAhead } from '../search/look-ahead.ts'
import type { Search } from '../search/search.ts'
import type { Tuning } from '../tables/tuning.ts'

/** What a search knows of dead fields, from one set of tables to the next: see run/live-fields.ts. */
export class DeadFields {
  /** Not noted; noted to learn; reset. */
  stage: 'off' | 'learn' | 'reset'
  /** Handlers run so far, by searches that were begun anew. */
  callsBefore = 0
  #facts: FieldFacts = {}
  /** Those that the tables were made with. */
  #factsUsed: FieldFacts = {}
  #mayBegin: boolean
  readonly #tuning: Tuning
  /** How often a field was read that was reset. */
  refuted: number

  /** @param before what another search knew, which this one goes on with: facts are null if it had none, as it was too small yet, or had tried */
  constructor(mayBegin: boolean, atOnce: boolean, before: { readonly fields: FieldFacts | null; readonly fieldsRefuted: number } | undefined, tuning: Tuning) {
    this.#tuning = tuning
    const facts = before?.fields
    this.refuted = before?.fieldsRefuted ?? 0
    this.#mayBegin = mayBegin && !atOnce
    this.stage = facts ? 'reset' : mayBegin && atOnce && facts === undefined ? 'learn' : 'off'
    if (facts) this.#facts = structuredClone(facts)
  }

  /** For the tables that are made next. */
  fieldsOf(system: System): LiveFields | undefined {
    system.callsBefore = this.callsBefore
    if (this.stage === 'off') return undefined
    this.#factsUsed = structuredClone(this.#facts)
    return new LiveFields(system, this.#facts, this.stage === 'reset')
  }

  /** What to go on from a snapshot with. */
  get facts(): FieldFacts | null {
    return this.stage === 'reset' ? this.#factsUsed : null
  }

  /** The tables are made again, as they were: what was learnt with them counts for nothing. */
  again(): void {
    this.#facts = structuredClone(this.#factsUsed)
  }

  /** Were they looked for since the search became large? Then the first search need not be run again. */
  wereTried = false

  /** May they be looked for, once the search is large? */
  get mayBegin(): boolean {
    return this.#mayBegin
  }

  /** The search has become large: from now on they are looked for. */
  begin(): void {
    this.wereTried = true
    this.#mayBegin = false
    this.stage = 'learn'
  }

  /** Learns what is read, by a look ahead: then the stage is another, or it is to learn once more. */
  async learn(search: Search, isOver: () => Promise<boolean>): Promise<void> {
    try {
      await lookAhead(search.found, this.#tuning.fieldsVisits, this.#tuning.fieldsStates, isOver)
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
    }
    // What a step overwrites is known once it is known what the keys of maps are.
    if (search.tables.live?.foundKeys !== true) this.stage = this.#hasDead(search) ? 'reset' : 'off'
  }

  #hasDead({ tables: { system } }: Search): boolean {
    return new LiveFields(system, structuredClone(this.#facts), true).resets
  }

  /** A field was read that was reset. @param spent on searching, and on searches that were thrown away for this */
  refute(live: LiveFields | undefined, spent: Spent): void {
    this.refuted++
    if (isSpent(spent, this.#tuning)) {
      spent.givenUp = [...spent.givenUp, givenUp('dead-fields', spent, this.#tuning)]
      this.giveUp()
    } else if (this.refuted > this.#tuning.fieldsRefutedMax) this.giveUp()
    else if (live?.foundKeys) this.stage = 'learn'
  }

  giveUp(): void {
    this.#mayBegin = false
    this.stage = 'off'
  }
}
