import { createHash, type Hash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readSync, realpathSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Facts, Snapshot } from '../check/snapshot.ts'
import { SpecError } from '../protocol/errors.ts'
import { type Arrays, arrayNames } from '../search/search-snapshot.ts'
import { beginning, lockAgainstOthers, tryToWrite, writeWhole } from './files.ts'

/*
 * The file: MAGIC; a mark of the byte order; the length of the head, 4 bytes; the head, JSON in UTF-8; the arrays that it lists, 4 bytes a number, one after the
 * other; the SHA-256 of all that is before it. It is written beside its place and then renamed, so that at any time there is a whole one.
 */

const MAGIC = Buffer.from('protocheck checkpoint 1\n')
const BYTE_ORDER = 0x01020304
const PREFIX = MAGIC.length + 8
const CHECKSUM = 32

/** Bytes that are written or read at a time. */
const CHUNK = 1 << 24

/** A longer head than this is none. */
const HEAD_MAX = 1 << 30

/** What was searched, in the terms of the command line. */
export type Naming = { readonly [name: string]: string }

interface Head {
  readonly naming: Naming
  readonly facts: Facts
  readonly arrays: readonly (readonly [name: string, length: number])[]
}

/**
 * Writes a snapshot, atomically: a process that is killed meanwhile leaves the file as it was.
 * @throws Error of the file system; SpecError where something else has come to be there
 */
export const writeCheckpoint = (path: string, naming: Naming, { facts, arrays }: Snapshot): void => {
  const head: Head = { naming, facts, arrays: arrayNames.map(name => [name, arrays[name].length]) }
  const text = Buffer.from(JSON.stringify(head))
  refuseToReplace(path)
  writeWhole(path, file => {
    const hash = createHash('sha256')
    write(file, MAGIC, hash)
    write(file, bytesOf(Int32Array.of(BYTE_ORDER, text.length)), hash)
    write(file, text, hash)
    for (const name of arrayNames) write(file, bytesOf(arrays[name]), hash)
    write(file, hash.digest())
  })
}

/**
 * Before the search: sees to it that it can be kept there, by nobody else meanwhile, and that nothing is lost by that.
 * @param resumed the checkpoint that is gone on with: it may be replaced
 * @returns how to let others write the file
 * @throws SpecError
 */
export const reserveCheckpoint = (path: string, resumed: string | undefined): (() => void) => {
  refuseToReplace(path)
  const isResumed = resumed !== undefined && existsSync(path) && existsSync(resumed) && realpathSync(path) === realpathSync(resumed)
  if (!isResumed && isCheckpoint(path) === true) {
    throw new SpecError({
      title: 'CHECKPOINT IS THERE',
      place: path,
      what: 'There is a search in this file, and it would be lost.',
      hint: `Go on with it: --resume ${path}. Or name another file, or remove this one.`,
    })
  }
  try {
    if (!existsSync(dirname(path))) throw new Error(`There is no folder ${dirname(path)}`)
    tryToWrite(path)
    return lockAgainstOthers(path)
  } catch (error) {
    if (error instanceof SpecError) throw error
    throw new SpecError(
      { title: 'CHECKPOINT CANNOT BE WRITTEN', place: path, what: (error as Error).message, hint: 'Name a file in a folder that exists, on a disk with room.' },
      { cause: error },
    )
  }
}

/** Null if nothing is there, or nothing in it. */
const isCheckpoint = (path: string): boolean | null => {
  if (existsSync(path) && !statSync(path).isFile()) return false
  const found = beginning(path, MAGIC.length)
  // The last two characters are the version and the end of the line.
  return found === null || found.length === 0 ? null : found.subarray(0, -2).equals(MAGIC.subarray(0, -2))
}

/** @throws SpecError if something else than a checkpoint is there */
const refuseToReplace = (path: string): void => {
  if (isCheckpoint(path) !== false) return
  throw new SpecError({
    title: 'NOT A CHECKPOINT',
    place: path,
    what: 'What is there was not written by --checkpoint, so it is not replaced.',
    hint: 'Name another file.',
  })
}

/** Reads a snapshot. @throws SpecError if the file is none, is damaged, or if something else was searched */
export const readCheckpoint = (path: string, naming: Naming): Snapshot => {
  const file = open(path)
  try {
    const size = fstatSync(file).size
    const hash = createHash('sha256')
    const magic = Buffer.alloc(MAGIC.length)
    const marks = new Int32Array(2)
    const isOne = size >= PREFIX + CHECKSUM && read(file, magic, hash) && read(file, bytesOf(marks), hash)
    if (!isOne || !magic.subarray(0, -2).equals(MAGIC.subarray(0, -2)))
      throw new SpecError({ title: 'NOT A CHECKPOINT', place: path, what: 'The file was not written by --checkpoint.', hint: 'Name one that was.' })
    const [byteOrder, length] = marks as unknown as readonly [number, number]
    if (!magic.equals(MAGIC) || byteOrder !== BYTE_ORDER)
      throw new SpecError({ title: 'CHECKPOINT OF ANOTHER VERSION', place: path, what: 'Another version of protocheck, or another kind of machine, wrote it.' })
    const head = readHead(file, path, hash, Math.min(length, size))
    const words = head.arrays.reduce((sum, [, count]) => sum + count, 0)
    if (size !== PREFIX + length + 4 * words + CHECKSUM)
      throw damaged(path, `It has ${size} bytes where it should have ${PREFIX + length + 4 * words + CHECKSUM}.`)
    refuseOther(path, head.naming, naming)
    const arrays: { [name: string]: Int32Array } = {}
    for (const [name, count] of head.arrays) {
      const array = new Int32Array(count)
      if (!read(file, bytesOf(array), hash)) throw damaged(path, 'It ends too soon.')
      arrays[name] = array
    }
    const sum = Buffer.alloc(CHECKSUM)
    if (!read(file, sum) || !sum.equals(hash.digest())) throw damaged(path, 'Its checksum is wrong.')
    return { facts: head.facts, arrays: arrays as Arrays }
  } finally {
    closeSync(file)
  }
}

const open = (path: string): number => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw new SpecError({ title: 'NO SUCH FILE', place: path, what: (error as Error).message, hint: 'Name a file that --checkpoint wrote.' }, { cause: error })
  }
}

const readHead = (file: number, path: string, hash: Hash, length: number): Head => {
  if (length < 2 || length > HEAD_MAX) throw damaged(path, 'Its head is damaged.')
  const text = Buffer.alloc(length)
  if (!read(file, text, hash)) throw damaged(path, 'It ends too soon.')
  try {
    const head = JSON.parse(text.toString()) as Head
    const isWhole =
      head.arrays.length === arrayNames.length && head.arrays.every(([name, count], i) => name === arrayNames[i] && Number.isInteger(count) && count >= 0)
    if (isWhole && typeof head.naming === 'object' && typeof head.facts === 'object') return head
  } catch {}
  throw damaged(path, 'Its head is damaged.')
}

const refuseOther = (path: string, before: Naming, now: Naming): void => {
  const different = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(name => before[name] !== now[name])
  if (different.length === 0) return
  throw new SpecError({
    title: 'CHECKPOINT DOES NOT FIT',
    place: path,
    what: different.map(name => `${name}: it was ${before[name] ?? 'not there'}, now it is ${now[name] ?? 'not there'}.`).join('\n'),
    hint: 'Search as it was begun, or begin anew without --resume.',
  })
}

const damaged = (path: string, what: string): SpecError =>
  new SpecError({ title: 'CHECKPOINT IS DAMAGED', place: path, what, hint: 'Go on from another one, or begin anew without --resume.' })

const bytesOf = ({ buffer, byteOffset, byteLength }: Int32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

const write = (file: number, bytes: Uint8Array, hash?: Hash): void => {
  for (let at = 0; at < bytes.length; ) {
    const written = writeSync(file, bytes, at, Math.min(CHUNK, bytes.length - at))
    hash?.update(bytes.subarray(at, at + written))
    at += written
  }
}

/** Fills `bytes`; false if the file ends before. */
const read = (file: number, bytes: Uint8Array, hash?: Hash): boolean => {
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(file, bytes, at, Math.min(CHUNK, bytes.length - at), null)
    if (count === 0) return false
    hash?.update(bytes.subarray(at, at + count))
    at += count
  }
  return true
}
