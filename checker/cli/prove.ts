import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { drift, type Lock, type Proof, parseLock, proofOf } from '../prove/lock.ts'
import { explore } from '../search/explore.ts'
import { loadSpec, specNames } from './load.ts'
import { jsonParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'

/** The proofs of the protocols that come with the checker. */
export const bundledLock = fileURLToPath(new URL('../../specs/proofs.lock.json', import.meta.url))

/** A recorded proof, if there is one: for `check list` and the README. */
export const bundledProofs = (): readonly Proof[] => (existsSync(bundledLock) ? parseLock(readFileSync(bundledLock, 'utf8'), bundledLock).proofs : [])

/**
 * `check prove`: checks protocols at their default bounds, and compares with what the lock file says. Without protocols: those of the lock file,
 * or all that come with the checker.
 * @returns 0 all as recorded; 1 something drifted, or is violated
 */
export const prove = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check prove')
    .argument('[protocols...]', 'names, or paths of files; by default those of the lock file')
    .description('The regression proofs: every protocol at its default bounds, compared with what was recorded.')
    .option('--lock <file>', 'the lock file', bundledLock)
    .option('--update', 'record what is found; commit it only if you understand what changed it')
  await parse(command, args, terminal)
  const { lock: file, update = false } = command.opts<{ lock: string; update?: true }>()
  const path = resolve(terminal.directory, file)
  const recorded = existsSync(path) ? parseLock(readFileSync(path, 'utf8'), file).proofs : []
  const wanted = command.args.length > 0 ? command.args : recorded.length > 0 && !update ? recorded.map(({ protocol }) => protocol) : specNames()
  const found = new Map(recorded.map(proof => [proof.protocol, proof]))
  let failures = 0
  for (const name of wanted) {
    const spec = await loadSpec(name, terminal.directory)
    const proof = proofOf(name, jsonParameters(spec.defaults), await explore(spec.make(spec.defaults)))
    const before = recorded.find(({ protocol }) => protocol === name)
    const lines = before === undefined ? (update ? [] : ['It is not in the lock file: record it with --update.']) : drift(before, proof)
    const failed = proof.verdict !== 'holds' || (lines.length > 0 && !update)
    if (failed) failures++
    found.set(name, lines.length === 0 && before !== undefined ? before : proof)
    terminal.out(`${show(proof, failed, terminal)}\n${lines.map(line => `    ${line}\n`).join('')}`)
  }
  if (update) write(path, { format: 'protocheck-proofs', version: 1, proofs: [...found.values()].sort((a, b) => (a.protocol < b.protocol ? -1 : 1)) })
  terminal.out(
    `${wanted.length - failures} proofs as they should be, ${failures} not.${failures > 0 && !update ? ' Recorded anew by: check prove --update' : ''}\n`,
  )
  return failures === 0 ? 0 : 1
}

const show = ({ protocol, verdict, property, complete, states, depth, seconds }: Proof, failed: boolean, { colors }: Terminal): string =>
  `${failed ? colors.red('✗') : colors.green('✓')} ${protocol}  ${verdict}${property === null ? '' : ` ${property}`}, ${complete ? 'complete' : 'bounded'}, ${states.toLocaleString('en')} states, depth ${depth}, ${seconds} s`

/** Whole or not at all. */
const write = (path: string, lock: Lock): void => {
  writeFileSync(`${path}.new`, `${JSON.stringify(lock, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}
