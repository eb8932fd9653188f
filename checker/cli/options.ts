import { availableParallelism } from 'node:os'
import { Command, Option } from 'commander'
import type { Options } from '../check/options.ts'
import { defaultReductions, orderNames, type Reduction, reductionNames } from '../check/reductions.ts'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { Parameters } from '../protocol/spec.ts'
import { threads } from '../workers/threads.ts'
import { flagOf } from './parameters.ts'
import { parseBytes, parseCount, parseSeconds } from './units.ts'

/** What may be typed besides the parameters of a protocol, as commander hands it over. */
export interface SearchFlags {
  readonly depth?: number
  readonly states?: number
  readonly time?: number
  readonly memory?: number
  readonly mutant?: string
  readonly claim?: string
  readonly property?: string
  readonly shrink?: true
  readonly rules?: true
  readonly explain?: true
  readonly explainTime?: number
  readonly order?: 'breadth' | 'depth'
  readonly simulate?: number
  readonly seed?: number
  readonly workers?: number
  readonly symmetry: boolean
  readonly reduce?: readonly Reduction[] | false
  readonly json?: true
  readonly coverage?: true
  readonly lcov?: string
  readonly html?: string
  readonly save?: string | true
  readonly checkpoint?: string
  readonly checkpointEvery?: number
  readonly resume?: string
}

const oneOf = <const T extends string>(option: string, given: string, names: readonly T[]): T => {
  const found = names.find(name => name === given)
  if (found !== undefined) return found
  throw new SpecError({ title: 'WRONG VALUE', place: option, what: `${option} is given ${JSON.stringify(given)}.`, hint: suggest(given, names) })
}

const parseReductions = (given: string): readonly Reduction[] =>
  given
    .split(',')
    .filter(name => name !== '')
    .map(name => oneOf('--reduce', name, reductionNames))

/** Adds the options that every protocol has, group by group. */
export const addSearchOptions = (command: Command): Command =>
  command
    .optionsGroup('Bounds:')
    .addOption(new Option('--depth <steps>', 'explore every execution of at most so many steps').argParser(parseCount('--depth')))
    .addOption(new Option('--states <count>', 'stop, inconclusive, at so many distinct states').argParser(parseCount('--states', 1)))
    .addOption(new Option('--time <duration>', 'stop, inconclusive, after 90s, 2m, 1h').argParser(parseSeconds('--time')))
    .addOption(new Option('--memory <amount>', 'stop, inconclusive, before the process outgrows 512MB, 4GB').argParser(parseBytes('--memory')))
    .optionsGroup('What is checked:')
    .option('--mutant <name>', 'a broken variant instead of the protocol itself, and the property that it is said to break')
    .option('--claim <name>', 'a claim about the protocol that is known to be false')
    .option('--property <name>', 'one property only (all: every property, of a mutant too)')
    .option('--shrink', 'lower the parameters for as long as the same property is violated, and show the counterexample there')
    .option('--rules', 'leave out each rule, and each pair of rules, and say which properties then break')
    .option('--explain', 'the same check with none of its reductions, with one, two…: what each removes, and what it costs')
    .addOption(new Option('--explain-time <duration>', 'each of those ends after so long (default: 10s)').argParser(parseSeconds('--explain-time')))
    .optionsGroup('How it is searched:')
    .addOption(
      new Option(
        '--order <order>',
        'breadth: level by level only; depth: depth first only (default: breadth, and depth where that proves more with less)',
      ).argParser(given => oneOf('--order', given, orderNames)),
    )
    .addOption(new Option('--simulate <runs>', 'random executions instead of a search').argParser(parseCount('--simulate', 1)))
    .addOption(new Option('--seed <number>', 'the seed of --simulate (default: 1)').argParser(parseCount('--seed')))
    .addOption(
      new Option(
        '--workers <count>',
        'threads for a large search (default: one for each core; with --memory one, as what threads take beside their states is not foreseen)',
      ).argParser(parseCount('--workers', 1)),
    )
    .option('--no-symmetry', 'do not take states that differ only in the names of nodes for one')
    .addOption(new Option('--reduce <names>', `only these reductions: ${reductionNames.join(', ')}`).argParser(parseReductions))
    .option('--no-reduce', 'no reductions at all, symmetry included')
    .optionsGroup('Long searches:')
    .option('--checkpoint <file>', 'keep the search in a file: every now and then, and when a limit or Ctrl-C ends it')
    .addOption(new Option('--checkpoint-every <duration>', 'how often (default: 60s)').argParser(parseSeconds('--checkpoint-every')))
    .option('--resume <file>', 'go on with the search that is kept there: same protocol, same options but for the limits')
    .optionsGroup('Output:')
    .option('--watch', 'again whenever a file of the protocol is saved, and what changed since the last verdict')
    .option('--json', 'one JSON object on stdout, and nothing else')
    .option('--coverage', 'what of the code never ran, which conditions always said the same, which fields nobody reads')
    .option('--lcov <file>', 'the same for editors: how often each line ran')
    .option(
      '--html <file>',
      'the counterexample as a page, to look at and to go on from; with --coverage also what never ran, marked in the source; one file with all in it',
    )
    .option('--save [file]', 'save the counterexample, as .json and .txt (default: counterexamples/<protocol>/<mutant, claim or property>)')

/** The same in the terms of the search. @throws SpecError for flags that contradict each other */
export const searchOptions = (flags: SearchFlags): Options => {
  if (flags.seed !== undefined && flags.simulate === undefined) {
    throw new SpecError({
      title: 'WRONG USE',
      what: '--seed is given without --simulate.',
      hint: 'A search takes no chances; random executions are asked for by --simulate RUNS.',
    })
  }
  if (flags.checkpointEvery !== undefined && flags.checkpoint === undefined)
    throw new SpecError({ title: 'WRONG USE', what: '--checkpoint-every is given without --checkpoint.', hint: 'Name the file: --checkpoint FILE.' })
  if (flags.explainTime !== undefined && !flags.explain)
    throw new SpecError({ title: 'WRONG USE', what: '--explain-time is given without --explain.', hint: 'Ask for the explanation: --explain.' })
  if (flags.explain && flags.simulate !== undefined)
    throw new SpecError({
      title: 'WRONG USE',
      what: '--explain is about reductions; random executions use none.',
      hint: 'Leave out one of --explain and --simulate.',
    })
  return {
    ...(flags.depth !== undefined && { depth: flags.depth }),
    ...(flags.states !== undefined && { states: flags.states }),
    ...(flags.time !== undefined && { seconds: flags.time }),
    ...(flags.memory !== undefined && { memoryBytes: flags.memory }),
    ...(flags.order !== undefined && { order: flags.order }),
    ...(flags.simulate !== undefined && { simulate: { runs: flags.simulate, seed: flags.seed ?? 1 } }),
    workers: threads(flags.workers ?? (flags.memory === undefined ? availableParallelism() : 1), {
      isWanted: flags.workers !== undefined && flags.workers > 1,
    }),
    ...reductions(flags),
  }
}

const reductions = ({ symmetry, reduce }: SearchFlags): Pick<Options, 'reduce'> => {
  if (reduce === false) return { reduce: [] }
  if (reduce === undefined && symmetry) return {}
  // What is named is used from the start, which bisimulation and dead fields are not worth where a search is small.
  const usual = defaultReductions.filter(name => name !== 'bisimulation' && name !== 'dead-fields')
  return { reduce: (reduce ?? usual).filter(name => symmetry || name !== 'symmetry') }
}

/** What a parameter cannot be called, with its dashes: it means something else on the command line, there or after `check graph`. */
export const taken = (): ReadonlySet<string> =>
  new Set([...addSearchOptions(new Command()).options.map(({ long }) => String(long)), '--help', '--format', '--label', '--output'])

/** Whatever is asked of a protocol: what one command takes, none refuses. @throws SpecError */
export const refuseTakenNames = (parameters: Parameters, place: string): void => {
  const options = taken()
  const name = Object.keys(parameters).find(parameter => options.has(`--${flagOf(parameter)}`) || options.has(`--${parameter}`))
  if (name === undefined) return
  throw new SpecError({
    title: 'PARAMETER NAME IS TAKEN',
    place,
    what: `A parameter cannot be called ${name}: --${flagOf(name)} means something else.`,
    hint: 'Rename it.',
  })
}
