import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { drift, isSameQuestion, limits, type Proof, parseLock, proofOf, tooLarge } from '../prove/lock.ts'
import { explore } from '../search/explore.ts'
import { visible } from '../trace/visible.ts'
import { shellWord } from './arguments.ts'
import { lockAgainstOthers, tryToWrite, writeText } from './files.ts'
import { isPath, isSource, loadSpec, specNames } from './load.ts'
import { jsonParameters, showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'

/** The proofs of the protocols that come with the checker. */
export const bundledLock = fileURLToPath(new URL('../../specs/proofs.lock.json', import.meta.url))

/** Those of a user's own protocols, in the folder where the command is run. */
const OWN_LOCK = 'proofs.lock.json'

/** The recorded proofs: for `check list` and the README. */
export const bundledProofs = (): readonly Proof[] => readLock(bundledLock, bundledLock)

/** The protocols that come with the checker and of which no proof is among these: their lock file must have one of each. */
export const unrecorded = (proofs: readonly Proof[]): readonly string[] => specNames().filter(name => !proofs.some(({ protocol }) => protocol === name))

/** None if there is no such file. @throws SpecError */
const readLock = (path: string, shown: string): readonly Proof[] => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return []
  if (!found.isFile()) throw new SpecError({ title: 'NOT A FILE', place: shown, what: 'The lock file is none.', hint: 'Name a file: --lock FILE' })
  if (found.size > limits.lengthMax) throw tooLarge(shown, `It has ${found.size} bytes; at most ${limits.lengthMax} are read.`)
  return parseLock(readFileSync(path, 'utf8'), shown).proofs
}

/** Where proofs are recorded if nothing is said: nothing is ever written into the package that is installed. */
const usualLock = (names: readonly string[], update: boolean): string => (names.some(isPath) || (update && !isSource) ? OWN_LOCK : bundledLock)

/** A lock file comes from anywhere: it does not make the checker run code that nobody named. @throws SpecError */
const refuseUnnamedFile = (name: string, file: string): void => {
  if (!isPath(name)) return
  throw new SpecError({
    title: 'FILE IS NOT NAMED',
    place: file,
    what: `It records a proof of the file ${name}, whose code is run only if you name it.`,
    hint: 'Name the protocols: check prove ./mine.ts --lock FILE',
  })
}

/**
 * `check prove`: checks protocols within the bounds that they export as `proofs`, and compares with what the lock file says. Without protocols: those of the lock file,
 * or all that come with the checker.
 * @returns 0 all as recorded; 1 something drifted, is violated, or is missing
 */
export const prove = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check prove')
    .argument('[protocols...]', 'names, or paths of files; by default those of the lock file')
    .description('The regression proofs: every protocol within each of the bounds that it exports as `proofs`, compared with what was recorded.')
    .option('--lock <file>', `the lock file (default: that of the protocols that come with the checker; ${OWN_LOCK} where a file is named)`)
    .option('--slow', 'those that take minutes, too')
    .option('--update', 'record what is found; commit it only if you understand what changed it')
  await parse(command, args, terminal)
  const { lock: given, slow = false, update = false } = command.opts<{ lock?: string; slow?: true; update?: true }>()
  const file = given ?? usualLock(command.args, update)
  const path = resolve(terminal.directory, file)
  if (given !== undefined && !update && !existsSync(path))
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, hint: 'Record the proofs first: --update' })
  const recorded = readLock(path, file)
  if (command.args.length === 0) for (const { protocol } of recorded) refuseUnnamedFile(protocol, file)
  if (update) tryToUpdate(path, file)
  const inLock = [...new Set(recorded.map(({ protocol }) => protocol))]
  // Of what comes with the checker, one that its lock file lacks is to be noticed.
  const wanted =
    command.args.length > 0 ? command.args : update ? specNames() : path === bundledLock || inLock.length === 0 ? [...inLock, ...unrecorded(recorded)] : inLock
  const kept: Proof[] = []
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
  }
  if (update) await record(path, file, wanted, kept)
  const named = command.args.length > 0 || path !== bundledLock ? wanted : []
  const updating = [
    'check prove',
    ...named.map(shellWord),
    ...(given === undefined ? [] : [`--lock ${shellWord(given)}`]),
    ...(slow ? ['--slow'] : []),
    '--update',
  ].join(' ')
  terminal.out(
    `${proved - failures} proofs as they should be, ${failures} not${skipped === 0 ? '' : `, ${skipped} left out (--slow)`}.${failures > 0 && !update ? ` Recorded anew by: ${updating}` : ''}\n`,
  )
  return failures === 0 ? 0 : 1
}

/** By protocol; those of one protocol in its order. */
const inOrder = (proofs: readonly Proof[]): readonly Proof[] => [...proofs].sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0))

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
const record = async (path: string, shown: string, protocols: readonly string[], proofs: readonly Proof[]): Promise<void> => {
  const release = await lockedWithin(path, performance.now() + WAIT_MAX)
  try {
    const others = readLock(path, shown).filter(({ protocol }) => !protocols.includes(protocol))
    writeText(path, `${JSON.stringify({ format: 'protocheck-proofs', version: 1, proofs: inOrder([...others, ...proofs]) }, null, 2)}\n`)
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
