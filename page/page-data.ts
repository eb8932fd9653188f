import type { Trace } from '../checker/trace/trace.ts'

/** What is embedded in a page as JSON, beside its code. */
export interface PageData {
  /** The counterexample; null in an explorer. */
  readonly trace: Trace | null
  /** What the page is about, for its title. */
  readonly title: string
  /** The source of the protocol: author, title, year. */
  readonly source: string | null
  /** What the author wrote of each property. */
  readonly documentation: { readonly [property: string]: string }
  /** Why the protocol is not in the page; null if it is. */
  readonly without: string | null
  /** What to type to get a page like this one. */
  readonly command: string | null
}
