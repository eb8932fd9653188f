import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { explore } from '../check/explore.ts'
import { SpecError } from '../protocol/errors.ts'
import { type Broken, drift, driftOfBroken, isSameQuestion, isSameVariant, type Lock, limits, type Proof, parseLock, proofOf, tooLarge } from '../prove/lock.ts'
import { visible } from '../trace/visible.ts'
import { lockAgainstOthers, tryToWrite, writeText } from './files.ts'
import { isPath, isSource, loadSpec, type Spec, specNames } from './load.ts'
import { jsonParameters, showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { findVariant } from './variant.ts'

/** The proofs of the protocols that come with the checker. */
export const bundledLock = fileURLToPath(new URL('../../specs/proofs.lock.json', import.meta.url))

/** Those of a user's own protocols, in the folder where the command is run. */
const OWN_LOCK = 'proofs.lock.json'

/** The recorded proofs: for `check list` and the README. */
export const bundledProofs = (): readonly Proof[] => readLock(bundledLock, bundledLock).proofs

/** The protocols that come with the checker and of which no proof is among these: their lock file must have one of each. */
export const unrecorded = (proofs: readonly Proof[]): readonly string[] => specNames().filter(name => !proofs.some(({ protocol }) => protocol === name))

/** None if there is no such file. @throws SpecError */
const readLock = (path: string, shown: string): Pick<Lock, 'proofs' | 'broken'> => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return { proofs: [] }
  if (!found.isFile()) throw new SpecError({ title: 'NOT A FILE', place: shown, what: 'The lock file is none.', hint: 'Name a file: --lock FILE' })
  if (found.size > limits.lengthMax) throw tooLarge(shown, `It has ${found.size} bytes; at most ${limits.lengthMax} are read.`)
  return parseLock(readFileSync(path, 'utf8'), shown)
}

/** Where proofs are recorded if nothing is said: nothing is ever written into the package that is installed. Without names, one's own proofs are meant where there are some. */
const usualLock = (names: readonly string[], update: boolean, directory: string): string =>
  names.some(isPath) || (update && !isSource) || (names.length === 0 && existsSync(resolve(directory, OWN_LOCK))) ? OWN_LOCK : bundledLock

/** A lock file comes from anywhere: it does not make the checker run code that nobody named. @throws SpecError */
const refuseUnnamedFiles = (names: readonly string[], file: string): void => {
  const paths = names.filter(isPath)
  if (paths.length === 0) return
  throw new SpecError({
    title: 'FILE IS NOT NAMED',
    place: file,
    what: `It records proofs of ${paths.join(', ')}, whose code is run only if you name it.`,
    hint: `Name the protocols: check prove ${paths.map(shellWord).join(' ')}${file === OWN_LOCK ? '' : ` --lock ${shellWord(file)}`}`,
  })
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
  const { lock: given, mutants = false, slow = false, update = false } = command.opts<{ lock?: string; mutants?: true; slow?: true; update?: true }>()
  const file = given ?? usualLock(command.args, update, terminal.directory)
  const path = resolve(terminal.directory, file)
  if (given !== undefined && !update && !existsSync(path))
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, hint: 'Record the proofs first: --update' })
  const { proofs: recorded, broken: recordedBroken = [] } = readLock(path, file)
  if (command.args.length === 0) refuseUnnamedFiles([...new Set(recorded.map(({ protocol }) => protocol))], file)
  if (update) tryToUpdate(path, file)
  const inLock = [...new Set(recorded.map(({ protocol }) => protocol))]
  // Of what comes with the checker, one that its lock file lacks is to be noticed.
  const wanted =
    command.args.length > 0 ? command.args : update ? specNames() : path === bundledLock || inLock.length === 0 ? [...inLock, ...unrecorded(recorded)] : inLock
  const kept: Proof[] = []
  const keptBroken: Broken[] = []
  let proved = 0
  let failures = 0
  let skipped = 0
  for (const name of wanted) {
    const spec = await loadSpec(name, terminal.directory)
    const questions = spec.proofs.map(({ parameters, slow }) => ({ protocol: name, parameters: jsonParameters(parameters), made: parameters, slow }))
    for (const { made, slow: isSlow, ...question } of questions) {
      const before = recorded.find(proof => isSameQuestion(proof, question))
      if (isSlow && !slow) {
        skipped++
        if (before !== undefined) kept.push(before)
        continue
      }
      const proof = proofOf(name, question.parameters, await explore(spec.make(made)))
      const lines = before === undefined ? (update ? [] : ['It is not in the lock file: record it with --update.']) : drift(before, proof)
      const failed = proof.verdict !== 'holds' || (lines.length > 0 && !update)
      proved++
      if (failed) failures++
      kept.push(lines.length === 0 && before !== undefined ? before : proof)
      terminal.out(`${show(proof, failed, terminal)}\n${lines.map(line => `    ${line}\n`).join('')}`)
    }
    for (const { parameters } of recorded.filter(proof => proof.protocol === name && !questions.some(question => isSameQuestion(proof, question)))) {
      if (update) continue
      failures++
      proved++
      terminal.out(
        `${terminal.colors.red('✗')} ${visible(name)}  ${showParameters(parameters)}\n    It is in the lock file, and the protocol has no such proof: remove it with --update.\n`,
      )
    }
    for (const variant of Object.entries({ ...spec.mutants, ...spec.claims })) {
      const [named, { length, slow: isSlow = false }] = variant as [string, { readonly length?: number; readonly slow?: true }]
      const before = recordedBroken.find(one => isSameVariant(one, { protocol: name, variant: named }))
      if (length !== undefined && !mutants) continue
      if (isSlow && !slow) {
        skipped++
        if (before !== undefined && length === undefined) keptBroken.push(before)
        continue
      }
      const { broken, lines } = await breakAgain(spec, named, length ?? before, update)
      proved++
      if (lines.length > 0) failures++
      if (broken !== undefined && length === undefined) keptBroken.push(broken)
      terminal.out(`${showBroken(name, named, broken, lines.length > 0, terminal)}\n${lines.map(line => `    ${line}\n`).join('')}`)
    }
    for (const { variant } of recordedBroken.filter(one => one.protocol === name)) {
      const holder = { ...spec.mutants, ...spec.claims }
      if (update || (Object.hasOwn(holder, variant) && holder[variant]?.length === undefined)) continue
      failures++
      proved++
      terminal.out(
        `${terminal.colors.red('✗')} ${visible(name)}, ${visible(variant)}\n    It is in the lock file, and the protocol has no such mutant or claim without a length: remove it with --update.\n`,
      )
    }
  }
  if (update) await record(path, file, wanted, kept, keptBroken)
  const named = command.args.length > 0 || path !== bundledLock ? wanted : []
  const updating = [
    'check prove',
    ...named.map(shellWord),
    ...(given === undefined ? [] : [`--lock ${shellWord(given)}`]),
    ...(mutants ? ['--mutants'] : []),
    ...(slow ? ['--slow'] : []),
    '--update',
  ].join(' ')
  terminal.out(
    `${proved - failures} proofs as they should be, ${failures} not${skipped === 0 ? '' : `, ${skipped} left out (--slow)`}.${failures > 0 && !update ? ` Recorded anew by: ${updating}` : ''}\n`,
  )
  return failures === 0 ? 0 : 1
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

const showBroken = (protocol: string, variant: string, broken: Broken | undefined, failed: boolean, { colors }: Terminal): string =>
  `${failed ? colors.red('✗') : colors.green('✓')} ${visible(protocol)}, ${visible(variant)}${broken === undefined ? '' : `: breaks ${visible(broken.property)}${broken.length === null ? '' : ` in ${broken.length} steps`}`}`

/** By protocol; those of one protocol in its order. */
const inOrder = <T extends { readonly protocol: string }>(proofs: readonly T[]): readonly T[] =>
  [...proofs].sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0))

const show = ({ protocol, parameters, verdict, property, complete, states, depth, seconds }: Proof, failed: boolean, { colors }: Terminal): string =>
  `${failed ? colors.red('✗') : colors.green('✓')} ${visible(protocol)}  ${showParameters(parameters)}: ${verdict}${property === null ? '' : ` ${visible(property)}`}, ${complete ? 'complete' : 'bounded'}, ${states.toLocaleString('en')} states, depth ${depth}, ${seconds} s`

/** @throws SpecError */
const tryToUpdate = (path: string, shown: string): void => {
  try {
    tryToWrite(path)
  } catch (error) {
    throw new SpecError(
      { title: 'PROOFS CANNOT BE RECORDED', place: shown, what: (error as Error).message, hint: 'Name another file: --lock FILE' },
      { cause: error },
    )
  }
}

/** Milliseconds that others may take to write the file, and between two looks. */
const WAIT_MAX = 10_000
const WAIT = 50

/** Records the proofs of some protocols, and keeps what is there by now of all others: several processes may record at the same time. @throws SpecError */
const record = async (path: string, shown: string, protocols: readonly string[], proofs: readonly Proof[], broken: readonly Broken[]): Promise<void> => {
  const release = await lockedWithin(path, performance.now() + WAIT_MAX)
  try {
    const now = readLock(path, shown)
    const withOthers = <T extends { readonly protocol: string }>(before: readonly T[], these: readonly T[]): readonly T[] =>
      inOrder([...before.filter(({ protocol }) => !protocols.includes(protocol)), ...these])
    const allBroken = withOthers(now.broken ?? [], broken)
    const lock: Lock = {
      format: 'protocheck-proofs',
      version: 1,
      proofs: withOthers(now.proofs, proofs),
      ...(allBroken.length === 0 ? {} : { broken: allBroken }),
    }
    writeText(path, `${JSON.stringify(lock, null, 2)}\n`)
  } finally {
    release()
  }
}

const lockedWithin = async (path: string, until: number): Promise<() => void> => {
  for (;;) {
    try {
      return lockAgainstOthers(path)
    } catch (error) {
      if (performance.now() > until) throw error
    }
    await wait(WAIT)
  }
}
