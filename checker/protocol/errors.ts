/** What an error of a spec tells its author: title and place, what, why it matters, what to do. */
export interface SpecErrorParts {
  readonly title: string
  /** `lamport-mutex, handler Request at p2`; filled in by the compile floor when the thrower does not know it. */
  readonly place?: string
  readonly what: string
  readonly why?: string
  /** The steps that lead there, and the state: filled in by the search. */
  readonly execution?: string
  readonly hint?: string
}

/**
 * A defect of a spec (or of how the checker was called), as opposed to a violation of one of its properties.
 *
 * @example
 * ```ts code
 * const failure = await explore(lockServer({ clients: 0.5 })).catch((error: unknown) => error)
 * if (failure instanceof SpecError) console.log(failure.parts.title, failure.parts.hint)
 * ```
 */
export class SpecError extends Error {
  override readonly name = 'SpecError'
  readonly parts: SpecErrorParts

  constructor(parts: SpecErrorParts, options?: ErrorOptions) {
    super(renderParts(parts), options)
    this.parts = parts
  }

  /** The same error, with the execution that leads there. */
  after(execution: string): SpecError {
    return new SpecError({ ...this.parts, execution }, { cause: this.cause })
  }

  /** The same error, with its place named. */
  at(place: string): SpecError {
    return this.parts.place === undefined ? new SpecError({ ...this.parts, place }, { cause: this.cause }) : this
  }
}

const RULE_WIDTH = 100

const renderParts = ({ title, place, what, why, execution, hint }: SpecErrorParts): string => {
  const head = `── ${title} `
  const tail = place === undefined ? '' : ` ${place}`
  const rule = '─'.repeat(Math.max(3, RULE_WIDTH - head.length - tail.length))
  return [`${head}${rule}${tail}`, what, why, execution, hint].filter(line => line !== undefined).join('\n')
}
