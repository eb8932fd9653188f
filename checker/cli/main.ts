import { Command } from 'commander'
import { SpecError, type SpecErrorParts } from '../protocol/errors.ts'
import { check } from './check.ts'
import { type Engine, engine } from './engine.ts'
import { list } from './list.ts'
import { type commandNames, specNames } from './load.ts'
import { addSearchOptions } from './options.ts'
import { HelpShown, parse } from './parse.ts'
import { printError } from './print-error.ts'
import type { Terminal } from './terminal.ts'
import { version } from './version.ts'

/** Wrong use, a broken protocol, or a crash. */
export const EXIT_WRONG = 2

/** Does a script ask? */
export const wantsJson = (argv: readonly string[]): boolean => argv.includes('--json')

interface Subcommand {
  readonly usage: string
  readonly summary: string
  run(args: readonly string[], terminal: Terminal): Promise<number>
}

/** What may stand where otherwise a protocol does. Those that need more than a check does are loaded when they are asked for. */
const subcommands: { readonly [name in (typeof commandNames)[number]]: Subcommand } = {
  replay: {
    usage: 'replay FILE [protocol] [--json]',
    summary: 'the steps of a saved counterexample again, and what each one changes',
    run: async (...given) => (await import('./replay.ts')).replay(...given),
  },
  show: {
    usage: 'show FILE [--format NAME] [--html FILE]',
    summary: 'a saved counterexample as a page, or for other tools: svg, mermaid, markdown …',
    run: async (...given) => (await import('./show.ts')).show(...given),
  },
  graph: {
    usage: 'graph PROTOCOL [--format dot|mermaid]',
    summary: 'every state of a small protocol, and every step, as a picture',
    run: async (...given) => (await import('./graph.ts')).graph(...given),
  },
  explore: {
    usage: 'explore <protocol | file.ts> [--html FILE]',
    summary: 'a page to play with a protocol: take steps, branch, ask the checker',
    run: async (...given) => (await import('./explore.ts')).explore(...given),
  },
  prove: {
    usage: 'prove [protocol …] [--update]',
    summary: 'the regression proofs: every protocol, mutant and claim, as recorded',
    run: async (...given) => (await import('./prove.ts')).prove(...given),
  },
  diff: {
    usage: 'diff OLD NEW',
    summary: 'what the code of two versions of a protocol does differently; git:REV:PATH is one, too',
    run: async (...given) => (await import('./diff.ts')).diff(...given),
  },
  mutate: {
    usage: 'mutate PROTOCOL [--budget 10m]',
    summary: 'changes its source in small ways: which of them does no property notice?',
    run: async (...given) => (await import('./mutate.ts')).mutate(...given),
  },
  init: {
    usage: 'init [FOLDER]',
    summary: 'a protocol of your own to begin with, its tests, and a workflow of GitHub',
    run: async (...given) => (await import('./init.ts')).init(...given),
  },
  list: { usage: 'list [protocol …] [--json]', summary: 'the protocols, their parameters, properties and mutants', run: list },
}

/** Runs a command line; a test may bring its own engine. @returns the exit code: 0 holds, 1 violated, 2 wrong use or a broken protocol, 3 inconclusive */
export const main = async (argv: readonly string[], terminal: Terminal, by: Engine = engine): Promise<number> => {
  try {
    return await dispatch(argv, terminal, by)
  } catch (error) {
    if (error instanceof HelpShown) return 0
    printError(error instanceof SpecError ? error.parts : defect(error), terminal, wantsJson(argv))
    return EXIT_WRONG
  }
}

const dispatch = async (argv: readonly string[], terminal: Terminal, engine: Engine): Promise<number> => {
  const [first, ...rest] = argv
  if (first === undefined) {
    await parse(program(), ['--help'], { ...terminal, out: terminal.err }).catch(() => {})
    return EXIT_WRONG
  }
  if (first === 'help' || first === '--help' || first === '-h' || first === '--version') {
    await parse(program(), first.startsWith('-') ? [first] : ['--help'], terminal)
  }
  const subcommand = Object.hasOwn(subcommands, first) ? subcommands[first as keyof typeof subcommands] : undefined
  if (subcommand === undefined && argv.includes('--watch')) return (await import('./again.ts')).checkAgain(argv, terminal)
  return subcommand === undefined ? check(argv, terminal, engine) : subcommand.run(rest, terminal)
}

const defect = (error: unknown): SpecErrorParts => ({
  title: 'DEFECT',
  what: String(error instanceof Error ? error.stack : error),
  hint: `This is a defect of protocheck ${version()}, not of your protocol: please report it.`,
})

/** The program as its help shows it; the parameters of a protocol are in the protocol's own help. */
const program = (): Command =>
  addSearchOptions(new Command('check'))
    .usage('<protocol | file.ts> [--parameter value …] [options]')
    .description('Explores every interleaving of a protocol: it holds, or here is a shortest counterexample.')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'this text; after a protocol: its parameters, properties and mutants')
    .version(version(), '--version', 'the version of protocheck')
    .addHelpText('after', () =>
      [
        '',
        'Protocols:',
        `  ${specNames().join(', ')}`,
        '',
        'Other commands:',
        ...Object.values(subcommands).map(({ usage, summary }) => `  check ${usage.padEnd(38)}  ${summary}`),
        '',
        'Exit code:',
        '  0 holds, 1 violated, 2 wrong use, a broken protocol or a crash, 3 inconclusive',
      ].join('\n'),
    )
