import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command } from 'commander'
import { explore } from '../check/explore.ts'
import { SpecError } from '../protocol/errors.ts'
import { jsonParameters } from '../protocol/json-parameters.ts'
import { type Broken, drift, driftOfBroken, isSameQuestion, isSameVariant, type Lock, type Proof, proofOf } from '../prove/lock.ts'
import { visible } from '../trace/visible.ts'
import { loadSpec, type Spec, specNames } from './load.ts'
import { bundledLock, OWN_LOCK, readLock, record, refuseUnnamedFiles, tryToUpdate, unrecorded, usualLock } from './lock-file.ts'
import { showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { findVariant } from './variant.ts'

interface Flags {
  /** The file that was named. */
  readonly lock?: string
  readonly mutants?: true
  readonly slow?: true
  readonly update?: true
}

/**
 * `check prove`: checks protocols within the bounds that they export as `proofs`, and compares with what the lock file says. Without protocols: those of the lock file,
 * or all that come with the checker. Mutants and claims of which the file does not say the length are checked, too: that is in the lock file.
 * @returns 0 all as recorded; 1 something drifted, is violated, or is missing
 */
export const prove = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check prove')
    .argument('[protocols...]', 'names, or paths of files; by default those of the lock file')
    .description(
      'The regression proofs: every protocol within each of the bounds that it exports as `proofs`, compared with what was recorded. So are mutants and claims without a `length`.',
    )
    .option('--lock <file>', `the lock file (default: that of the protocols that come with the checker; ${OWN_LOCK} where a file is named)`)
    .option('--mutants', 'all mutants and claims, those with a `length`, too')
    .option('--slow', 'those that take minutes, too')
    .option('--update', 'record what is found; commit it only if you understand what changed it')
  await parse(command, args, terminal)
  const names = command.args
  const flags = command.opts<Flags>()
  const { update = false } = flags
  const file = flags.lock ?? usualLock(names, update, terminal.directory)
  const path = resolve(terminal.directory, file)
  if (flags.lock !== undefined && !update && !existsSync(path))
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, hint: 'Record the proofs first: --update' })
  const recorded = readLock(path, file)
  const inLock = [...new Set(recorded.proofs.map(({ protocol }) => protocol))]
  if (names.length === 0) refuseUnnamedFiles(inLock, file)
  if (update) tryToUpdate(path, file)
  // Of what comes with the checker, one that its lock file lacks is to be noticed.
  const usual = update ? specNames() : path === bundledLock || inLock.length === 0 ? [...inLock, ...unrecorded(recorded.proofs)] : inLock
  const wanted = names.length > 0 ? names : usual
  const proving = new Proving(recorded, flags, terminal)
  for (const name of wanted) await proving.all(await loadSpec(name, terminal.directory), name)
  if (update) await record(path, file, wanted, proving.proofs, proving.broken)
  const again = names.length > 0 || path !== bundledLock ? wanted : []
  terminal.out(`${proving.summary}${proving.failures > 0 && !update ? ` Recorded anew by: ${updating(again, flags)}` : ''}\n`)
  return proving.failures === 0 ? 0 : 1
}

/** What to type to record the proofs of these protocols. */
const updating = (names: readonly string[], { lock, mutants, slow }: Flags): string =>
  [
    'check prove',
    ...names.map(shellWord),
    ...(lock === undefined ? [] : [`--lock ${shellWord(lock)}`]),
    ...(mutants ? ['--mutants'] : []),
    ...(slow ? ['--slow'] : []),
    '--update',
  ].join(' ')

/** Proves again what is recorded, and says of each whether it is as it should be. */
class Proving {
  /** What the lock file is to hold. */
  readonly proofs: Proof[] = []
  readonly broken: Broken[] = []
  failures = 0
  readonly #recorded: Pick<Lock, 'proofs' | 'broken'>
  readonly #flags: Flags
  readonly #terminal: Terminal
  #proved = 0
  #skipped = 0

  constructor(recorded: Pick<Lock, 'proofs' | 'broken'>, flags: Flags, terminal: Terminal) {
    this.#recorded = recorded
    this.#flags = flags
    this.#terminal = terminal
  }

  get summary(): string {
    return `${this.#proved - this.failures} proofs as they should be, ${this.failures} not${this.#skipped === 0 ? '' : `, ${this.#skipped} left out (--slow)`}.`
  }

  /** @param name by which the lock file knows it */
  async all(spec: Spec, name: string): Promise<void> {
    await this.#bounds(spec, name)
    await this.#variants(spec, name)
  }

  /** The protocol as it is, within each of its bounds. */
  async #bounds(spec: Spec, name: string): Promise<void> {
    const { update } = this.#flags
    const questions = spec.proofs.map(({ parameters, slow }) => ({ protocol: name, parameters: jsonParameters(parameters), made: parameters, slow }))
    for (const { made, slow, ...question } of questions) {
      const before = this.#recorded.proofs.find(proof => isSameQuestion(proof, question))
      if (this.#skips(slow)) {
        if (before !== undefined) this.proofs.push(before)
        continue
      }
      const proof = proofOf(name, question.parameters, await explore(spec.make(made)))
      const lines = before === undefined ? (update ? [] : ['It is not in the lock file: record it with --update.']) : drift(before, proof)
      this.proofs.push(lines.length === 0 && before !== undefined ? before : proof)
      this.#say(proof.verdict === 'holds' && (lines.length === 0 || update === true), shown(proof), lines)
    }
    for (const proof of this.#recorded.proofs)
      if (!update && proof.protocol === name && !questions.some(question => isSameQuestion(proof, question)))
        this.#say(false, `${visible(name)}  ${showParameters(proof.parameters)}`, [
          'It is in the lock file, and the protocol has no such proof: remove it with --update.',
        ])
  }

  /** Its mutants and its claims. */
  async #variants(spec: Spec, name: string): Promise<void> {
    const { update = false, mutants = false } = this.#flags
    const { broken: recorded = [] } = this.#recorded
    const variants: { readonly [name: string]: { readonly length?: number; readonly slow?: true } } = { ...spec.mutants, ...spec.claims }
    for (const [variant, { length, slow }] of Object.entries(variants)) {
      const before = recorded.find(one => isSameVariant(one, { protocol: name, variant }))
      if (length !== undefined && !mutants) continue
      if (this.#skips(slow)) {
        if (before !== undefined && length === undefined) this.broken.push(before)
        continue
      }
      const { broken, lines } = await breakAgain(spec, variant, length ?? before, update)
      if (broken !== undefined && length === undefined) this.broken.push(broken)
      this.#say(lines.length === 0, shownBroken(name, variant, broken), lines)
    }
    for (const { protocol, variant } of recorded) {
      if (update || protocol !== name || (Object.hasOwn(variants, variant) && variants[variant]?.length === undefined)) continue
      this.#say(false, `${visible(name)}, ${visible(variant)}`, [
        'It is in the lock file, and the protocol has no such mutant or claim without a length: remove it with --update.',
      ])
    }
  }

  #skips(isSlow: boolean | undefined): boolean {
    if (isSlow !== true || this.#flags.slow) return false
    this.#skipped++
    return true
  }

  #say(isGood: boolean, what: string, lines: readonly string[]): void {
    const { colors } = this.#terminal
    this.#proved++
    if (!isGood) this.failures++
    this.#terminal.out(`${isGood ? colors.green('✓') : colors.red('✗')} ${what}\n${lines.map(line => `    ${line}\n`).join('')}`)
  }
}

/** Breaks a mutant or a claim anew, and compares. @param expected how many steps the file says, or what is recorded */
const breakAgain = async (
  spec: Spec,
  name: string,
  expected: number | Broken | undefined,
  update: boolean,
): Promise<{ readonly broken?: Broken; readonly lines: readonly string[] }> => {
  const { breaks, parameters: given, make } = findVariant(spec, Object.hasOwn(spec.mutants, name) ? { mutant: name } : { claim: name })
  const made = { ...spec.defaults, ...given }
  const { verdict, property, counterexample, shortest } = await explore(make(made), breaks === null ? {} : { property: breaks })
  if (verdict !== 'violated' || property === null) return { lines: [`It should break ${breaks}, and the answer is: ${verdict}.`] }
  if (counterexample !== null && !shortest) return { lines: [`It breaks ${property}, by no counterexample that is known to be a shortest.`] }
  const broken = { protocol: spec.command, variant: name, property, parameters: jsonParameters(made), length: counterexample?.steps.length ?? null }
  if (typeof expected === 'number') return { broken, lines: expected === broken.length ? [] : [`Its file says a length of ${expected}.`] }
  if (update) return { broken, lines: [] }
  return { broken, lines: expected === undefined ? ['It is not in the lock file: record it with --update.'] : driftOfBroken(expected, broken) }
}

const shownBroken = (protocol: string, variant: string, broken: Broken | undefined): string =>
  `${visible(protocol)}, ${visible(variant)}${broken === undefined ? '' : `: breaks ${visible(broken.property)}${broken.length === null ? '' : ` in ${broken.length} steps`}`}`

const shown = ({ protocol, parameters, verdict, property, complete, states, depth, seconds }: Proof): string =>
  `${visible(protocol)}  ${showParameters(parameters)}: ${verdict}${property === null ? '' : ` ${visible(property)}`}, ${complete ? 'complete' : 'bounded'}, ${states.toLocaleString('en')} states, depth ${depth}, ${seconds} s`
