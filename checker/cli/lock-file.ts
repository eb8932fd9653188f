import { existsSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { SpecError } from '../protocol/errors.ts'
import { type Broken, type Lock, limits, type Proof, parseLock, tooLarge } from '../prove/lock.ts'
import { lockAgainstOthers, tryToWrite, writeText } from './files.ts'
import { isPath, isSource, specNames } from './load.ts'
import { shellWord } from './shell-word.ts'

/** The proofs of the protocols that come with the checker. */
export const bundledLock = fileURLToPath(new URL('../../specs/proofs.lock.json', import.meta.url))

/** Those of a user's own protocols, in the folder where the command is run. */
export const OWN_LOCK = 'proofs.lock.json'

/** The recorded proofs: for `check list` and the README. */
export const bundledProofs = (): readonly Proof[] => readLock(bundledLock, bundledLock).proofs

/** The protocols that come with the checker and of which no proof is among these: their lock file must have one of each. */
export const unrecorded = (proofs: readonly Proof[]): readonly string[] => specNames().filter(name => !proofs.some(({ protocol }) => protocol === name))

/** None if there is no such file. @throws SpecError */
export const readLock = (path: string, shown: string): Pick<Lock, 'proofs' | 'broken'> => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return { proofs: [], broken: [] }
  if (!found.isFile()) throw new SpecError({ title: 'NOT A FILE', place: shown, what: 'The lock file is none.', hint: 'Name a file: --lock FILE' })
  if (found.size > limits.lengthMax) throw tooLarge(shown, `It has ${found.size} bytes; at most ${limits.lengthMax} are read.`)
  return parseLock(readFileSync(path, 'utf8'), shown)
}

/** Where proofs are recorded if nothing is said: nothing is ever written into the package that is installed. Without names, one's own proofs are meant where there are some. */
export const usualLock = (names: readonly string[], update: boolean, directory: string): string =>
  names.some(isPath) || (update && !isSource) || (names.length === 0 && existsSync(resolve(directory, OWN_LOCK))) ? OWN_LOCK : bundledLock

/** A lock file comes from anywhere: it does not make the checker run code that nobody named. @throws SpecError */
export const refuseUnnamedFiles = (names: readonly string[], file: string): void => {
  const paths = names.filter(isPath)
  if (paths.length === 0) return
  throw new SpecError({
    title: 'FILE IS NOT NAMED',
    place: file,
    what: `It records proofs of ${paths.join(', ')}, whose code is run only if you name it.`,
    hint: `Name the protocols: check prove ${paths.map(shellWord).join(' ')}${file === OWN_LOCK ? '' : ` --lock ${shellWord(file)}`}`,
  })
}

/** By protocol; those of one protocol in its order. */
const inOrder = <T extends { readonly protocol: string }>(proofs: readonly T[]): readonly T[] =>
  [...proofs].sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0))

/** @throws SpecError */
export const tryToUpdate = (path: string, shown: string): void => {
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
export const record = async (path: string, shown: string, protocols: readonly string[], proofs: readonly Proof[], broken: readonly Broken[]): Promise<void> => {
  const release = await lockedWithin(path, performance.now() + WAIT_MAX)
  try {
    const now = readLock(path, shown)
    const withOthers = <T extends { readonly protocol: string }>(before: readonly T[], these: readonly T[]): readonly T[] =>
      inOrder([...before.filter(({ protocol }) => !protocols.includes(protocol)), ...these])
    const lock: Lock = { format: 'protocheck-proofs', version: 2, proofs: withOthers(now.proofs, proofs), broken: withOthers(now.broken, broken) }
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
