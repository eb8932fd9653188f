import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import type { Parameters } from '../protocol/spec.ts'
import type { Behaved, Behaviour } from '../prove/behaved.ts'
import { behaved } from '../prove/behaviour.ts'
import { type Differing, differences, executionTo, type HandlerDifference } from '../prove/difference.ts'
import { extentText } from '../prove/lock.ts'
import { renderText, violation } from '../trace/render-text.ts'
import { withVisibleNames } from '../trace/visible-names.ts'
import { takeParameters } from './arguments.ts'
import { isSource, loadSpec, type Spec } from './load.ts'
import { flagOf } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { counted, formatCount, parseCount } from './units.ts'

/** The root of the clone. */
const root = fileURLToPath(new URL('../../', import.meta.url))

/** `check diff OLD NEW`: where what the code of two versions of a protocol does differs. @returns 0 same behaviour, 1 another */
export const diff = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const [old, now, ...rest] = args
  const command = new Command('check diff')
    .usage('OLD NEW [--parameter value …]')
    .description(
      'What the code of two versions of a protocol does differently: which handler, in which node state, and an execution that comes there. OLD and NEW are names, files, or git:REV:PATH.',
    )
    .option('--show <count>', 'how many differences of each handler are shown (default: 3)', parseCount('--show', 1), 3)
  if (old === undefined || now === undefined || old.startsWith('-') || now.startsWith('-')) {
    await parse(command, args, terminal)
    throw new SpecError({
      title: 'WRONG USE',
      what: 'Two versions of a protocol are compared.',
      hint: 'check diff git:HEAD:protocols/mine.ts protocols/mine.ts',
    })
  }
  const folders: string[] = []
  try {
    const [before, after] = [await versionOf(old, terminal, folders), await versionOf(now, terminal, folders)]
    const { given, options } = takeParameters(rest, after.defaults, command)
    await parse(
      command,
      options.flatMap(({ words }) => words),
      terminal,
      Object.keys(after.defaults).map(name => `--${flagOf(name)}`),
    )
    const parameters = { ...after.defaults, ...given }
    const known = Object.fromEntries(Object.entries(parameters).filter(([name]) => Object.hasOwn(before.defaults, name)))
    const was = await behaved(before.make({ ...before.defaults, ...known }))
    const is = await behaved(after.make(parameters), was.behaviour())
    const found = differences(was, is, command.opts<{ show: number }>().show)
    terminal.out(report(found, was, is, terminal))
    return found.length === 0 && was.behaviour().states === is.behaviour().states ? 0 : 1
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs git. @param named for errors @throws SpecError */
const gitIn =
  (directory: string, named: string) =>
  (...words: readonly string[]): Buffer => {
    try {
      return execFileSync('git', words, { cwd: directory, maxBuffer: 1024 ** 3, stdio: ['ignore', 'pipe', 'pipe'] })
    } catch (error) {
      const { stderr } = error as { readonly stderr?: Buffer }
      throw new SpecError({
        title: 'NOT IN GIT',
        place: named,
        what: stderr?.toString().trim() || (error as Error).message,
        hint: 'Name a revision and a path from the root: git:HEAD~1:protocols/mine.ts',
      })
    }
  }

/** What a protocol does otherwise than recorded, by the last commit; nothing where that does not do what was recorded, or there is none. */
export const sinceCommit = async (spec: Spec, parameters: Parameters, recorded: Behaviour, terminal: Terminal): Promise<readonly string[]> => {
  const folders: string[] = []
  try {
    const { file } = spec.modules
    const prefix = gitIn(dirname(file), file)('rev-parse', '--show-prefix').toString().trim()
    const before = await versionOf(`git:HEAD:${prefix}${basename(file)}`, { ...terminal, directory: dirname(file) }, folders)
    const known = Object.fromEntries(Object.entries(parameters).filter(([name]) => Object.hasOwn(before.defaults, name)))
    const was = await behaved(before.make({ ...before.defaults, ...known }), recorded)
    const { handlers, states } = was.behaviour()
    if (JSON.stringify([handlers, states]) !== JSON.stringify([recorded.handlers, recorded.states])) return []
    const is = await behaved(spec.make(parameters), recorded)
    return [`Since the last commit: ${report(differences(was, is, 3), was, is, terminal)}`.trimEnd()].flatMap(text => text.split('\n'))
  } catch (error) {
    if (error instanceof SpecError) return []
    throw error
  } finally {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

/** A protocol by name or file, or as it was in a revision of git: all files of then, in a folder that is gone afterwards. @throws SpecError */
const versionOf = async (named: string, { directory }: Terminal, folders: string[]): Promise<Spec> => {
  const [, revision, path] = /^git:([^:]+):(.+)$/s.exec(named) ?? []
  if (revision === undefined || path === undefined) return loadSpec(named, directory)
  const git = gitIn(directory, named)
  const top = git('rev-parse', '--show-toplevel').toString().trim()
  // A revision is never an option of git's.
  const commit = git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`).toString().trim()
  const folder = mkdtempSync(join(tmpdir(), 'protocheck-diff-'))
  folders.push(folder)
  execFileSync('tar', ['-x', '-C', folder], { input: git('-C', top, 'archive', '--format=tar', commit) })
  for (const shared of ['node_modules', ...(isSource && relative(root, top) === '' ? ['checker'] : [])]) {
    // What it imports is as it is now: the checker, above all, of which there is one.
    rmSync(join(folder, shared), { recursive: true, force: true })
    if (existsSync(join(top, shared))) symlinkSync(join(top, shared), join(folder, shared))
  }
  const file = resolve(folder, path)
  if (relative(folder, file).startsWith('..') || !existsSync(file))
    throw new SpecError({ title: 'NOT IN GIT', place: named, what: `${path} is not in ${revision}.`, hint: 'The path is from the root of the repository.' })
  return loadSpec(file, directory)
}

const report = (found: readonly HandlerDifference[], was: Behaved, is: Behaved, { colors }: Terminal): string => {
  const extent = `Compared ${extentText(is)}.`
  const same = was.behaviour().states === is.behaviour().states
  if (found.length === 0)
    return same
      ? `${colors.green('Same behaviour.')} ${extent}\n`
      : `${colors.red('Other states are reached')}, though each handler does what it did: the network, the faults, or a step of the whole system. ${extent}\n`
  const changed = found.filter(({ changed }) => changed > 0)
  const others = found.filter(({ changed }) => changed === 0)
  const handlers = (changed.length > 0 ? changed : others).map(({ handler, changed, onlyOne, smallest }) => {
    const met = onlyOne === 0 ? '' : `; ${formatCount(onlyOne)} are met by one version only`
    const told = changed === 0 ? smallest : smallest.filter(({ before, after }) => before !== null && after !== null)
    return [colors.bold(`${handler} does something else in ${counted(changed, 'place')}${met}`), ...told.flatMap(shown)].join('\n')
  })
  const follow =
    changed.length === 0 || others.length === 0
      ? []
      : [`What comes of it: these are met in other node states, and do there what they did: ${others.map(({ handler }) => handler).join(', ')}.`]
  const first = (changed[0] ?? found[0])?.smallest[0] as Differing
  const trace = executionTo(first.after === null ? was : is, first.met)
  const way =
    trace === undefined
      ? []
      : [
          `An execution that comes to the first, ${counted(trace.steps.length, 'step')} (nodes may have other names):`,
          renderText(trace).replace(
            violation(withVisibleNames(trace)),
            `Here ${first.met.handler} ${first.before === null ? 'is met, and was not' : first.after === null ? 'was met' : 'does something else'}.`,
          ),
        ]
  return `${[...handlers, ...follow, ...way, extent].map(part => part.trimEnd()).join('\n\n')}\n`
}

const shown = ({ where, before, after }: Differing): readonly string[] => [
  `  ${where}`,
  `    before: ${before ?? 'was never met'}`,
  `    now:    ${after ?? 'is never met'}`,
]
