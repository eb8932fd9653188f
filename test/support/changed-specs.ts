/**
 * Protocols with one line changed, to see whether their properties notice. A change is a text of the source and what takes its place, so it is exactly what an author could have
 * mistyped; one whose text is not there (any more), or is there twice, is an error.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSpec, type Spec } from '../../checker/cli/load.ts'
import type { Parameters } from '../../checker/index.ts'

/** What becomes of it: a counterexample to a property, of so many steps; or nothing, for a reason. */
export type Outcome =
  | {
      readonly breaks: string
      /** Steps of the shortest counterexample; none where something `reachable` is not met any more. */
      readonly steps?: number
      /** The parameters that are not the defaults. */
      readonly at?: Parameters
      /** Left out of the suite: it takes more than a second or two, or others of its protocol are sample enough. */
      readonly slow?: true
    }
  | {
      /** Why the protocol does the same, or nothing that its source forbids. */
      readonly harmless: string
      readonly at?: Parameters
      readonly breaks?: never
      readonly steps?: never
      readonly slow?: never
    }
  | {
      /** It is no good, and nothing notices: why, as far as it is known. A task that is left. */
      readonly survives: string
      readonly at?: never
      readonly breaks?: never
      readonly steps?: never
      readonly slow?: never
    }

export type Change = Outcome & {
  /** What it does, in a few words. */
  readonly does: string
  /** The text of the source, which stands there once. */
  readonly from: string
  readonly to: string
  /** The file, if it is not the `protocol.ts` of the protocol: from `specs/`. */
  readonly file?: string
}

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Replaces the one place where `from` stands. @throws Error if there is none, or more than one */
export const replaced = (text: string, from: string, to: string): string => {
  const places = text.split(from)
  if (places.length !== 2) throw new Error(`${JSON.stringify(from)} stands there ${places.length - 1} times.`)
  return places.join(to)
}

/** The source of a protocol with the change. @throws Error */
export const changedSource = (protocol: string, { file = `${protocol}/protocol.ts`, from, to }: Change): { readonly file: string; readonly text: string } => ({
  file,
  text: replaced(readFileSync(join(root, 'specs', file), 'utf8'), from, to),
})

/** Loads a protocol with the change, from a copy of all specs, and hands it on. The copy is gone afterwards. @throws Error */
export const withChange = async <T>(protocol: string, change: Change, use: (spec: Spec) => Promise<T>): Promise<T> => {
  const { file, text } = changedSource(protocol, change)
  const copy = mkdtempSync(join(tmpdir(), 'one-line-change-'))
  try {
    cpSync(join(root, 'specs'), join(copy, 'specs'), { recursive: true })
    for (const shared of ['checker', 'node_modules', 'package.json']) symlinkSync(join(root, shared), join(copy, shared))
    writeFileSync(join(copy, 'specs', file), text)
    return await use(await loadSpec(join(copy, 'specs', protocol, 'protocol.ts'), copy))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
