import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { checkShape } from '../run/protocol-shape.ts'
import { System } from '../run/system.ts'
import { renderDot } from '../trace/formats/dot.ts'
import { renderMermaidGraph } from '../trace/formats/mermaid-graph.ts'
import { type GraphLabel, graphOf, type StateGraph } from '../trace/graph.ts'
import { Walker } from '../trace/walk.ts'
import { findTarget, takeParameters } from './arguments.ts'
import { writeOutput } from './files.ts'
import { loadSpec } from './load.ts'
import { flagOf } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { parseCount } from './units.ts'
import { findVariant } from './variant.ts'

const formats: { readonly [name: string]: (graph: StateGraph) => string } = {
  dot: renderDot,
  mermaid: renderMermaidGraph,
  json: graph => `${JSON.stringify(graph, null, 2)}\n`,
}

const STATES_MAX = 200

interface Flags {
  readonly format: string
  readonly output?: string
  readonly label: GraphLabel
  readonly states: number
  readonly mutant?: string
  readonly claim?: string
}

/** `check graph PROTOCOL`: every state of a small protocol, and every step. @returns 0 */
export const graph = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = graphCommand()
  if (args.includes('--help') || args.includes('-h')) await parse(command, ['--help'], terminal)
  const [target, rest] = findTarget(args)
  const spec = await loadSpec(target, terminal.directory)
  const { given, options } = takeParameters(rest, spec.defaults, command)
  const words = options.flatMap(option => option.words)
  await parse(
    command,
    words,
    terminal,
    Object.keys(spec.defaults).map(name => `--${flagOf(name)}`),
  )
  const { format, output, label, states, ...names } = command.opts<Flags>()
  const variant = findVariant(spec, names)
  const protocol = variant.make({ ...spec.defaults, ...variant.parameters, ...given })
  checkShape(protocol)
  const system = new System(protocol)
  try {
    const made = graphOf(new Walker(system), { statesMax: states, label })
    if (made === undefined)
      throw new SpecError({
        title: 'TOO MANY STATES',
        place: spec.name,
        what: `It has more than ${states} states, too many for a picture that a person can read.`,
        hint: `Lower its parameters, or draw it all the same: --states ${states * 10}`,
      })
    const text = (formats[format] as (typeof formats)[string])(made)
    if (output === undefined) terminal.out(text)
    else writeOutput(resolve(terminal.directory, output), text)
  } finally {
    system.end()
  }
  return 0
}

const graphCommand = (): Command =>
  new Command('check graph')
    .usage('<protocol | file.ts> [--parameter value …] [options]')
    .description('Every state of a small protocol and every step between them, none left out: for Graphviz or Mermaid. What violates a property is marked.')
    .addOption(new Option('--format <name>', 'how it is written').choices(Object.keys(formats)).default('dot'))
    .option('-o, --output <file>', 'write it there, in place of stdout')
    .addOption(new Option('--label <what>', 'what is said of a state: all of it, or what properties look at').choices(['state', 'views']).default('state'))
    .option('--states <n>', 'at most so many states', parseCount('--states', 1), STATES_MAX)
    .option('--mutant <name>', 'of a mutant')
    .option('--claim <name>', 'with a claim that is refuted')
    .helpOption('-h, --help', 'this text')
    .addHelpText(
      'after',
      '\nGraphviz draws it: check graph … | dot -Tsvg > graph.svg\n\nExit code:\n  0 written, 2 wrong use, a broken protocol, or too many states',
    )
