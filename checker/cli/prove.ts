import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { drift, isSameQuestion, type Lock, type Proof, parseLock, proofOf } from '../prove/lock.ts'
import { explore } from '../search/explore.ts'
import { loadSpec, specNames } from './load.ts'
import { jsonParameters, showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'

/** The proofs of the protocols that come with the checker. */
export const bundledLock = fileURLToPath(new URL('../../specs/proofs.lock.json', import.meta.url))

/** The recorded proofs: for `check list` and the README. */
export const bundledProofs = (): readonly Proof[] => (existsSync(bundledLock) ? parseLock(readFileSync(bundledLock, 'utf8'), bundledLock).proofs : [])

/**
 * `check prove`: checks protocols within the bounds that they export as `proofs`, and compares with what the lock file says. Without protocols: those of the lock file,
 * or all that come with the checker.
 * @returns 0 all as recorded; 1 something drifted, is violated, or is missing
 */
export const prove = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check prove')
    .argument('[protocols...]', 'names, or paths of files; by default those of the lock file')
    .description('The regression proofs: every protocol within each of the bounds that it exports as `proofs`, compared with what was recorded.')
    .option('--lock <file>', 'the lock file', bundledLock)
    .option('--slow', 'those that take minutes, too')
    .option('--update', 'record what is found; commit it only if you understand what changed it')
  await parse(command, args, terminal)
  const { lock: file, slow = false, update = false } = command.opts<{ lock: string; slow?: true; update?: true }>()
  const path = resolve(terminal.directory, file)
  const recorded = existsSync(path) ? parseLock(readFileSync(path, 'utf8'), file).proofs : []
  const wanted = command.args.length > 0 ? command.args : recorded.length > 0 && !update ? [...new Set(recorded.map(({ protocol }) => protocol))] : specNames()
  const kept = recorded.filter(({ protocol }) => !wanted.includes(protocol))
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
        `${terminal.colors.red('✗')} ${name}  ${showParameters(parameters)}\n    It is in the lock file, and the protocol has no such proof: remove it with --update.\n`,
      )
    }
  }
  if (update) write(path, { format: 'protocheck-proofs', version: 1, proofs: inOrder(kept) })
  terminal.out(
    `${proved - failures} proofs as they should be, ${failures} not${skipped === 0 ? '' : `, ${skipped} left out (--slow)`}.${failures > 0 && !update ? ' Recorded anew by: check prove --update' : ''}\n`,
  )
  return failures === 0 ? 0 : 1
}

/** By protocol; those of one protocol in its order. */
const inOrder = (proofs: readonly Proof[]): readonly Proof[] => [...proofs].sort((a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0))

const show = ({ protocol, parameters, verdict, property, complete, states, depth, seconds }: Proof, failed: boolean, { colors }: Terminal): string =>
  `${failed ? colors.red('✗') : colors.green('✓')} ${protocol}  ${showParameters(parameters)}: ${verdict}${property === null ? '' : ` ${property}`}, ${complete ? 'complete' : 'bounded'}, ${states.toLocaleString('en')} states, depth ${depth}, ${seconds} s`

/** Whole or not at all. */
const write = (path: string, lock: Lock): void => {
  writeFileSync(`${path}.new`, `${JSON.stringify(lock, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}
