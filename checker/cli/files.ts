import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { SpecError } from '../protocol/errors.ts'

/** Bytes that are written to see whether there is room. */
const TRIAL = 1024

/** A name in the same folder that nobody else uses. It is opened exclusively, so no link is followed, and nothing that is there is truncated. */
const nameBeside = (path: string): string => join(dirname(path), `.${basename(path).slice(0, 100)}.${process.pid}-${randomBytes(6).toString('hex')}.tmp`)

/**
 * Writes a file whole or not at all: beside its place, and then renamed. Where the place is a link, what it points to is replaced.
 * @throws Error of the file system, after the file beside it was removed
 */
export const writeWhole = (path: string, write: (file: number) => void): void => {
  const target = existsSync(path) ? realpathSync(path) : path
  const beside = nameBeside(target)
  const file = openSync(beside, 'wx')
  try {
    try {
      write(file)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw error
  }
  // The renaming itself must be on the disk, too; where a folder cannot be opened, there is no way to see to it.
  try {
    const folder = openSync(dirname(target), 'r')
    fsyncSync(folder)
    closeSync(folder)
  } catch {}
}

export const writeText = (path: string, text: string): void =>
  writeWhole(path, file => {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
  })

/** Sees to it, before hours of work, that a file can be written there: leaves nothing behind. @throws Error of the file system */
export const tryToWrite = (path: string): void => {
  if (existsSync(path) && !statSync(path).isFile()) throw new Error(`${path} is there, and is no file.`)
  const target = existsSync(path) ? realpathSync(path) : path
  const made = mkdirSync(dirname(target), { recursive: true })
  const beside = nameBeside(target)
  try {
    const file = openSync(beside, 'wx')
    try {
      for (let left = TRIAL; left > 0; ) left -= writeSync(file, Buffer.alloc(left))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  } finally {
    rmSync(beside, { force: true })
    if (made !== undefined) removeEmpty(dirname(target), dirname(made))
  }
}

/** Removes a folder and those above it, up to `last`, which stays. */
const removeEmpty = (folder: string, last: string): void => {
  try {
    for (let at = folder; at !== last && at !== dirname(at); at = dirname(at)) rmdirSync(at)
  } catch {}
}

/** The first bytes of a file, or null if there is none. */
export const beginning = (path: string, bytes: number): Buffer | null => {
  if (!existsSync(path)) return null
  const file = openSync(path, 'r')
  try {
    const found = Buffer.alloc(bytes)
    return found.subarray(0, readSync(file, found, 0, bytes, 0))
  } finally {
    closeSync(file)
  }
}

interface Holder {
  readonly pid: number
  readonly host: string
}

/**
 * Keeps other processes from writing a file, by a file `PATH.lock` that says who writes. One that a process left behind which is no more is taken over.
 * @returns how to let others write
 * @throws SpecError if another process writes it
 */
export const lockAgainstOthers = (path: string): (() => void) => {
  const lock = `${path}.lock`
  const me: Holder = { pid: process.pid, host: hostname() }
  const text = JSON.stringify(me)
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(lock, 'wx')
      writeSync(file, text)
      closeSync(file)
      return () => {
        if (beginning(lock, text.length + 1)?.toString() === text) rmSync(lock, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const held = read(lock)
    if (attempt === 5 || (held !== undefined && !isGone(held))) throw isHeld(path, lock, held)
    removeStale(lock, held)
  }
}

const read = (lock: string): Holder | undefined => {
  try {
    const { pid, host } = JSON.parse(readFileSync(lock, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host } : undefined
  } catch {
    return undefined
  }
}

/** Of a process on another machine it cannot be told. */
const isGone = ({ pid, host }: Holder): boolean => {
  if (host !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

/** Takes the lock of a process that is no more out of the way. Another process may do the same, and have its own there by now: that one is put back. */
const removeStale = (lock: string, held: Holder | undefined): void => {
  if (held === undefined) return
  const aside = nameBeside(lock)
  try {
    renameSync(lock, aside)
    const found = read(aside)
    if (found?.pid !== held.pid || found.host !== held.host) linkSync(aside, lock)
  } catch {}
  rmSync(aside, { force: true })
}

const isHeld = (path: string, lock: string, held: Holder | undefined): SpecError =>
  new SpecError({
    title: 'ANOTHER PROCESS WRITES THIS FILE',
    place: path,
    what: held === undefined ? `There is ${lock}.` : `Process ${held.pid} on ${held.host} does, says ${lock}.`,
    hint: 'Wait for it, or name another file. If no such process is there any more, remove the file that says so.',
  })

/** Writes what an option asks for. @throws SpecError if it cannot be written */
export const writeOutput = (path: string, text: string, option = '--output'): void => {
  try {
    writeText(path, text)
  } catch (error) {
    throw new SpecError(
      { title: 'FILE CANNOT BE WRITTEN', place: path, what: (error as Error).message, hint: `Name another file: ${option} FILE` },
      { cause: error },
    )
  }
}
