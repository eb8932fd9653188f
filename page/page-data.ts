import type { Trace } from '../checker/trace/trace.ts'

/** What is embedded in a page as JSON, beside its code. */
export interface PageData {
  /** The counterexample; null in an explorer. */
  readonly trace: Trace | null
  /** What the page is about, for its title. */
  readonly title: string
  /** The mutant whose protocol it is; null for the protocol as it is, and in the page of a claim. */
  readonly mutant: string | null
  /** The source of the protocol: author, title, year. */
  readonly source: string | null
  /** What the author wrote of each property. */
  readonly documentation: { readonly [property: string]: string }
  /** The code of each step that the protocol has, by `codeKey`, as far as it was found. */
  readonly code: { readonly [key: string]: readonly CodePart[] }
  /** The files of the protocol with what of them never ran; none where nobody asked for it. */
  readonly coverage: readonly CoveredFile[]
  /** Why the protocol is not in the page; null if it is. */
  readonly without: string | null
  /** What to type to get a page like this one. */
  readonly command: string | null
}

/** A file of the protocol, and the numbers of its lines that no execution comes to, as a whole or in part. */
export interface CoveredFile {
  /** From the folder of the protocol's own. */
  readonly file: string
  readonly text: string
  readonly never: readonly number[]
  readonly partly: readonly number[]
}

/** Some lines of the protocol's source: a handler or an action, then what it calls. */
export interface CodePart {
  /** The file, from the folder of the protocol's own. */
  readonly file: string
  /** The number of the first line. */
  readonly line: number
  readonly text: string
  /** The slide, section or rule that its comment names. */
  readonly cites: string | null
}

/** What the code of a step is found by: the role of its node, and what it is. */
export const codeKey = (role: string, kind: 'handler' | 'action' | 'recover' | 'tick' | 'due' | 'step', name: string): string => `${role} ${kind} ${name}`
