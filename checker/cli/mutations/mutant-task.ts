import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import * as z from 'zod'
import { explore } from '../../check/explore.ts'
import { SpecError } from '../../protocol/errors.ts'
import type { AnyProtocol } from '../../protocol/protocol.ts'
import type { Parameters } from '../../protocol/spec.ts'
import type { Behaved } from '../../prove/behaved.ts'
import { behaved } from '../../prove/behaviour.ts'
import { differences } from '../../prove/difference.ts'
import { nodeStatesOf } from '../../prove/node-states.ts'
import { loadSpec, type Spec } from '../load.ts'
import { restored } from '../proofs/task.ts'
import { counted } from '../units.ts'
import type { Mutant } from './mutant.ts'

/** A mutant that is to be checked, as plain data: it is done in another process, since its code may not end. */
export interface MutantTask {
  /** As it is named on the command line. */
  readonly protocol: string
  readonly parameters: Parameters
  readonly mutant: Pick<Mutant, 'file' | 'start' | 'end' | 'text'>
  /** Whether it is looked for what it does otherwise, if it holds. */
  readonly compare: boolean
  /** The limits of its check. */
  readonly states: number
  readonly seconds: number
}

/**
 * What came of it. `same`: all that is met does what it did, so it is no other protocol within these bounds. `alike`: it does something else, and its nodes and observers are in the same states
 * together, by the same steps: so no property of states or steps that looks at them tells it from the protocol.
 */
const schema = z.strictObject({
  verdict: z.enum(['holds', 'violated', 'inconclusive', 'same', 'alike']),
  property: z.string().nullable(),
  steps: z.int().nonnegative().nullable(),
  why: z.string().nullable(),
  /** Of one that holds: where it does something else. */
  differs: z.array(z.string()),
})

export type MutantFound = z.infer<typeof schema>

/** @throws SpecError if it is no answer */
export const parseMutantFound = (answer: unknown): MutantFound => {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  throw new SpecError({ title: 'DEFECT', what: `A process beside this one gave an answer that is none: ${parsed.error.issues[0]?.message}.` })
}

const checker = fileURLToPath(new URL('../../', import.meta.url))

/** What the protocol itself does, for the last one that was asked for. */
let original: { readonly key: string; readonly does: Behaved; readonly nodes: string | null } | undefined

/** Checks a mutant. @throws SpecError where the checker refuses it */
export const runMutant = async (spec: Spec, task: MutantTask, directory: string): Promise<MutantFound> => {
  const { parameters, mutant, states, seconds } = task
  const made = restored(spec, parameters)
  const protocol = await withMutant(spec, mutant, directory, changed => changed.make(made))
  const { verdict, property, counterexample, stoppedBy } = await explore(protocol, { states, seconds })
  const found = { verdict, property, steps: counterexample?.steps.length ?? null, why: stoppedBy, differs: [] }
  if (verdict !== 'holds' || !task.compare) return found
  const key = JSON.stringify([task.protocol, parameters])
  if (original?.key !== key) original = { key, does: await behaved(spec.make(made)), nodes: await nodeStatesOf(spec.make(made)) }
  const { does: was, nodes } = original
  const is = await behaved(protocol, was.behaviour())
  if (isSame(was, is, protocol, spec.make(made))) return { ...found, verdict: 'same' }
  const isAlike = nodes !== null && nodes === (await nodeStatesOf(protocol))
  return { ...found, verdict: isAlike ? 'alike' : verdict, differs: [...differing(was, is)] }
}

/** Is it proved that both do the same within these bounds? Steps of the whole system show in the set of states only. */
const isSame = (was: Behaved, is: Behaved, mutant: AnyProtocol, protocol: AnyProtocol): boolean => {
  const [before, after] = [was.behaviour(), is.behaviour()]
  if (before.covers !== 'everything' || after.covers !== 'everything' || JSON.stringify(before.handlers) !== JSON.stringify(after.handlers)) return false
  // How long messages are under way holds up ticks, and shows in no handler.
  if (JSON.stringify(mutant.timing) !== JSON.stringify(protocol.timing)) return false
  if (before.states !== null || after.states !== null) return before.states === after.states
  const others = ({ network, faults, withinFlight, values }: AnyProtocol): string => JSON.stringify([network, faults, withinFlight, values])
  return protocol.steps === undefined && others(mutant) === others(protocol)
}

const differing = (was: Behaved, is: Behaved): readonly string[] =>
  [...differences(was, is, 1)]
    .sort((a, b) => Number(b.changed > 0) - Number(a.changed > 0))
    .slice(0, 1)
    .flatMap(({ handler, changed, onlyOne, smallest }) => [
      changed > 0 ? `${handler} does something else in ${counted(changed, 'place')}` : `${handler} is met in ${counted(onlyOne, 'other place')}`,
      ...smallest.flatMap(({ where, before, after }) => [where, `before: ${before ?? 'was never met'}`, `now:    ${after ?? 'is never met'}`]),
    ])

/** Loads the spec with the change: all of its files as one, which is gone afterwards. @throws SpecError */
const withMutant = async (spec: Spec, mutant: MutantTask['mutant'], directory: string, use: (spec: Spec) => AnyProtocol): Promise<AnyProtocol> => {
  const { build } = await import('esbuild')
  const folder = mkdtempSync(join(tmpdir(), 'protocheck-mutant-'))
  try {
    const { outputFiles } = await build({
      entryPoints: [spec.modules.file],
      bundle: true,
      write: false,
      keepNames: true,
      sourcemap: 'inline',
      format: 'esm',
      platform: 'node',
      target: `node${process.versions.node}`,
      plugins: [changing(mutant)],
      logLevel: 'silent',
    })
    const file = join(folder, 'mutant.mjs')
    writeFileSync(file, outputFiles[0]?.text ?? '')
    return use(await loadSpec(file, directory))
  } catch (error) {
    if (error instanceof SpecError) throw error
    throw new SpecError({ title: 'MUTANT CANNOT BE MADE', place: mutant.file, what: (error as Error).message }, { cause: error })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** One file is another; the checker and Immutable are those that run. */
const changing = ({ file, start, end, text }: MutantTask['mutant']): Plugin => ({
  name: 'a mutant',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(protocheck|immutable)$/ }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^[./]/ }, ({ path, resolveDir, kind }) =>
      kind !== 'entry-point' && resolve(resolveDir, path).startsWith(checker) ? { path: 'protocheck', external: true } : undefined,
    )
    onLoad({ filter: /./ }, async ({ path }) => {
      if (path !== file) return undefined
      const before = await readFile(path, 'utf8')
      return { contents: before.slice(0, start) + text + before.slice(end), loader: /ts$/.test(extname(path)) ? 'ts' : 'js' }
    })
  },
})
