import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { Command } from 'commander'
import type { Checkpoint, Options } from '../check/options.ts'
import type { Report, Verdict } from '../check/report.ts'
import { SpecError } from '../protocol/errors.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import type { Trace } from '../trace/trace.ts'
import { padEnd, visible, visibleProse, widthOf } from '../trace/visible.ts'
import { whyText } from '../trace/why.ts'
import { findTarget, takeParameters } from './arguments.ts'
import { type Naming, readCheckpoint, reserveCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { checkJson } from './contract.ts'
import { coverageFor, coverageJson, printCoverage, startCounting } from './coverage.ts'
import type { Engine } from './engine.ts'
import { climb, EXPLAIN_SECONDS, explainJson, printExplain, type Rung } from './explain.ts'
import { writeText } from './files.ts'
import { loadSpec, type Spec, specNames } from './load.ts'
import { addSearchOptions, type SearchFlags, searchOptions, taken } from './options.ts'
import type { PageParts } from './page.ts'
import { flagOf, showParameter, showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Violated } from './print-report.ts'
import { judgedLast, printReport } from './print-report.ts'
import { checkRules, mayAskForRules, noRules } from './rules.ts'
import { placeOf, saveTrace, trySave } from './save.ts'
import { shellWord } from './shell-word.ts'
import { type Shrunk, shrink } from './shrink.ts'
import type { Terminal } from './terminal.ts'
import { findVariant, type Variant } from './variant.ts'
import { version } from './version.ts'
import { watched } from './watch.ts'

const exitCodes: { readonly [verdict in Verdict]: number } = { holds: 0, violated: 1, inconclusive: 3 }

/** `check <protocol | file.ts> …`. @returns the exit code: 0 holds, 1 violated, 3 inconclusive */
export const check = async (args: readonly string[], terminal: Terminal, engine: Engine): Promise<number> => {
  const [target, rest] = findTarget(args)
  refuseOption(target)
  const counting = startCounting(rest)
  const spec = await loadSpec(target, terminal.directory)
  const command = commandFor(spec)
  const { given, options: typed } = takeParameters(rest, spec.defaults, command)
  await parse(
    command,
    typed.flatMap(({ words }) => words),
    terminal,
    Object.keys(spec.defaults).map(name => `--${flagOf(name)}`),
  )
  const flags = command.opts<SearchFlags>()

  const variant = findVariant(spec, flags)
  const asked = { ...spec.defaults, ...variant.parameters, ...given }
  const whole = variant.make(asked)
  const property = findProperty(spec, flags.property, variant, whole)
  const options: Options = { ...searchOptions(flags), ...(property !== null && { property }) }

  refuseTogether(flags)
  if (flags.rules && !mayAskForRules(spec)) throw noRules(spec.name)
  if (flags.rules) return checkRules({ ...spec, given: asked }, whole, options, flags.json === true, terminal, engine)

  const coverage = counting && (await coverageFor(whole, spec, counting, flags, terminal))
  if (flags.save !== undefined) trySave(flags.save, spec.name, variant.mutant ?? property, terminal.directory)
  const first = await searchKept(whole, options, flags, () => namingOf(spec, variant, asked), terminal, engine)
  const isShrunk = flags.shrink === true && first.searched.counterexample !== null
  const found = isShrunk ? await shrink(first.searched, asked, variant.make, options, terminal, engine) : asItIs(asked, first.searched)
  const { parameters, report: searched, note } = found
  const protocol = isShrunk ? variant.make(parameters) : whole
  const naming = { protocol: spec.name, parameters, mutant: variant.mutant }
  const trace = searched.counterexample && { ...searched.counterexample, ...naming, because: variant.because }
  const report: Report = {
    ...searched,
    ...naming,
    counterexample: trace,
    notes: [...searched.notes, ...unusedNotes(flags, searched), ...(note === null ? lengthNotes(variant, given, searched) : [note])],
  }
  const properties = property === null ? propertiesOf(variant, protocol) : [property]
  const also =
    report.verdict === 'violated' && property === null && options.simulate === undefined ? await alsoViolated(report, protocol, options, terminal, engine) : []

  const drawing = trace && engine.renderText(trace)
  const saved = trace !== null && flags.save !== undefined ? placeOf(flags.save, spec.name, trace.mutant ?? trace.property, terminal.directory) : null
  const seconds = Math.min(flags.explainTime ?? EXPLAIN_SECONDS, options.seconds ?? Infinity)
  const explain = (): Promise<readonly Rung[]> => climb(report, protocol, options, seconds, terminal, engine)
  if (flags.json) {
    const more = { ...(flags.explain && { explain: explainJson(report, await explain()) }), ...(coverage && { coverage: coverageJson(coverage) }) }
    terminal.out(`${JSON.stringify({ ...checkJson(report, properties, also), ...more })}\n`)
  } else {
    const context = {
      spec,
      variant,
      properties,
      ...judgedLast(properties, protocol),
      depth: flags.depth ?? null,
      simulate: options.simulate ?? null,
      typed,
      given: isShrunk ? parameters : given,
      also,
      why: trace && whyText(protocol, trace),
      saved,
      checkpoint: first.checkpoint,
    }
    terminal.out(`${printReport(report, context, drawing, terminal)}${coverage === undefined ? '' : printCoverage(coverage, terminal)}`)
  }
  // The verdict is out before anything is written that may fail.
  const page = { trace, protocol: { spec, variant, parameters }, command: commandOf(args), ...(coverage && { coverage: coverage.files }) }
  if (flags.html !== undefined && (trace !== null || coverage !== undefined)) await pageOrTell(page, flags.html, terminal)
  if (trace !== null && drawing !== null && saved !== null) saveOrTell(trace, drawing, saved, terminal)
  if (flags.explain && !flags.json) terminal.out(printExplain(report, await explain(), { seconds, named: flags.reduce || [] }, terminal))
  return exitCodes[report.verdict]
}

const asItIs = (parameters: Parameters, report: Report): Shrunk => ({ parameters, report, note: null })

/** Searches, from a checkpoint and with one if that is asked for. @returns with the checkpoint that was written */
const searchKept = async (
  protocol: AnyProtocol,
  options: Options,
  { checkpoint, checkpointEvery = CHECKPOINT_SECONDS, resume }: SearchFlags,
  naming: () => Naming,
  terminal: Terminal,
  engine: Engine,
): Promise<{ readonly searched: Report; readonly checkpoint: string | null }> => {
  const what = checkpoint === undefined && resume === undefined ? {} : naming()
  const keeper = checkpoint === undefined ? null : keepCheckpoint(checkpoint, resume, checkpointEvery, what, terminal)
  const searched = await watched(
    terminal,
    watch =>
      engine.explore(protocol, {
        ...options,
        ...watch,
        ...(keeper !== null && { checkpoint: keeper.checkpoint }),
        ...(resume !== undefined && { resume: () => readCheckpoint(resolve(terminal.directory, resume), what) }),
      }),
    options.seconds,
  ).finally(() => keeper?.release())
  return { searched, checkpoint: keeper?.written() ?? null }
}

/** All properties that are asked about, `deadlock` among them if the protocol says where it may rest: they may depend on the parameters. */
const propertiesOf = ({ claim }: Variant, { properties, mayRest = true }: AnyProtocol): readonly string[] => {
  const named = Object.keys(properties)
  return claim !== null || mayRest === true ? named : [...named, 'deadlock']
}

/** What was asked for, and was of no use. */
const unusedNotes = ({ reduce, html, coverage, lcov }: SearchFlags, { reductions, counterexample }: Report): readonly string[] => {
  const named = reduce || []
  return [
    ...named
      .filter(name => !reductions.includes(name))
      .map(name => `${name}: named, and not used${name === 'bisimulation' && !named.includes('dead-messages') ? ', since it takes dead-messages, too' : ''}.`),
    ...(html !== undefined && counterexample === null && !coverage && lcov === undefined ? ['No page is written: there is no counterexample.'] : []),
  ]
}

/** What the file says of the counterexample, where it is another at the parameters of the variant. */
const lengthNotes = ({ length, breaks }: Variant, given: Parameters, { property, counterexample, shortest }: Report): readonly string[] => {
  const found = counterexample?.steps.length
  if (length === null || found === undefined || found === length || !shortest || property !== breaks || Object.keys(given).length > 0) return []
  return [`Its \`length\` says ${length}, and a shortest counterexample has ${found} steps.`]
}

/** Seconds that are spent, at the least, on finding what else is violated; at most twice what the first violation took. */
const ALSO_SECONDS = 2

/** A search ends at the first violation: searches again without what is known to be violated, as long as that finds more, within the time of the first search. */
const alsoViolated = (first: Report, protocol: AnyProtocol, asked: Options, terminal: Terminal, engine: Engine): Promise<readonly Violated[]> =>
  watched(terminal, async watch => {
    const until = performance.now() + 1000 * Math.max(ALSO_SECONDS, 2 * first.seconds)
    const found: Violated[] = []
    const left: { [name: string]: AnyProtocol['properties'][string] } = { ...protocol.properties }
    let { mayRest = true } = protocol
    let { property } = first
    while (property !== null && first.stoppedBy !== 'interrupt') {
      if (property === 'deadlock' && mayRest !== true) mayRest = true
      else if (Object.hasOwn(left, property)) delete left[property]
      else break
      const seconds = (until - performance.now()) / 1000
      if (seconds <= 0 || (Object.keys(left).length === 0 && mayRest === true)) break
      const { resume: _, checkpoint: __, ...options } = asked
      const next = await engine.explore(
        { ...protocol, properties: { ...left }, mayRest },
        { ...options, ...watch, seconds: Math.min(seconds, asked.seconds ?? Infinity) },
      )
      property = next.verdict === 'violated' ? next.property : null
      if (property !== null && (property === 'deadlock' || Object.hasOwn(left, property)))
        found.push({ property, length: next.counterexample?.steps.length ?? null })
    }
    return found
  })

/** @throws SpecError for several searches where only one can be */
const refuseTogether = ({ rules, shrink, explain, simulate, checkpoint, resume }: SearchFlags): void => {
  if (shrink && simulate !== undefined)
    throw new SpecError({
      title: 'WRONG USE',
      what: '--shrink searches; random executions may miss what they met before.',
      hint: 'Leave out one of --shrink and --simulate.',
    })
  const many = rules ? '--rules' : shrink ? '--shrink' : explain ? '--explain' : undefined
  const other =
    rules && shrink
      ? '--shrink'
      : (rules || shrink) && explain
        ? '--explain'
        : checkpoint !== undefined
          ? '--checkpoint'
          : resume !== undefined
            ? '--resume'
            : undefined
  if (many === undefined || other === undefined) return
  const why = other === '--explain' || other === '--shrink' ? 'each asks something else' : 'a checkpoint is of one'
  throw new SpecError({ title: 'WRONG USE', what: `${many} is many searches; ${why}.`, hint: `Leave out one of ${many} and ${other}.` })
}

/** Seconds between two checkpoints. */
const CHECKPOINT_SECONDS = 60

const namingOf = (spec: Spec, { mutant, claim }: Variant, parameters: Parameters): Naming => ({
  protocol: spec.name,
  mutant: mutant ?? 'none',
  claim: claim ?? 'none',
  protocheck: version(),
  ...Object.fromEntries([...spec.sources()].map(([name, text]) => [`file ${name}`, createHash('sha256').update(text).digest('hex').slice(0, 12)])),
  ...Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`parameter ${name}`, showParameter(value)])),
})

const commandOf = (args: readonly string[]): string => ['check', ...args.map(shellWord)].join(' ')

const pageOrTell = async (parts: PageParts, place: string, { directory, err }: Terminal): Promise<void> => {
  try {
    const { makePage } = await import('./page.ts')
    const { html, without } = await makePage(parts)
    writeText(resolve(directory, place), html)
    if (without !== null) err(`${without}\nThe page ${place} shows the trace only.\n`)
  } catch (error) {
    err(`The page ${place} could not be written: ${(error as Error).message}\n`)
  }
}

const saveOrTell = (trace: Trace, drawing: string, place: string, { directory, err }: Terminal): void => {
  try {
    saveTrace(trace, drawing, place, directory)
  } catch (error) {
    err(`The counterexample could not be saved in ${place}: ${(error as Error).message}\n`)
  }
}

/** Keeps the search in a file. A write that fails is told, and does not end the search. */
const keepCheckpoint = (
  file: string,
  resumed: string | undefined,
  seconds: number,
  naming: Naming,
  { directory, err }: Terminal,
): { readonly checkpoint: Checkpoint; written(): string | null; release(): void } => {
  const path = resolve(directory, file)
  const release = reserveCheckpoint(path, resumed === undefined ? undefined : resolve(directory, resumed))
  let last: string | null = null
  const save: Checkpoint['save'] = async snapshot => {
    try {
      writeCheckpoint(path, naming, snapshot)
      last = file
    } catch (error) {
      err(`The checkpoint ${file} could not be written: ${(error as Error).message}\n`)
    }
  }
  return { checkpoint: { seconds, save }, written: () => last, release }
}

/** @throws SpecError for an option that was typed as if it were a command: `check explain raft` */
const refuseOption = (target: string): void => {
  if (!taken().has(`--${target}`) || specNames().includes(target)) return
  throw new SpecError({
    title: 'NO SUCH PROTOCOL',
    what: `No protocol is called ${target}; it is an option.`,
    hint: `It comes after the protocol: check <protocol | file.ts> --${target}`,
  })
}

const commandFor = (spec: Spec): Command => {
  return addSearchOptions(
    new Command(`check ${spec.command}`).usage('[--parameter value …] [options]').description(visibleProse([spec.name, spec.source ?? []].flat().join(': '))),
  )
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'this text')
    .addHelpText('after', () => helpAfter(spec))
}

const placeholderOf = (fallback: ParameterValue): string =>
  typeof fallback === 'boolean' ? '[true|false]' : typeof fallback === 'number' ? '<number>' : '<text>'

const helpAfter = ({ defaults, properties, mutants, claims }: Spec): string => {
  const variant = (name: string, what: string, because: string, parameters: object | undefined) => {
    const bounds = parameters === undefined ? '' : `at ${showParameters(parameters as Parameters)}`
    const remark = [what, bounds].filter(text => text !== '').join(', ')
    return `  ${visible(name)}${remark === '' ? '' : `  (${visible(remark)})`}\n      ${visibleProse(because)}`
  }
  const broken = Object.entries(mutants).map(([name, { because, breaks, parameters }]) => variant(name, `breaks ${breaks}`, because, parameters))
  const refuted = Object.entries(claims).map(([name, { because, parameters }]) => variant(name, '', because, parameters))
  const section = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : ['', `${title}:`, ...lines])
  const flags = Object.entries(defaults).map(
    ([name, fallback]) => [visible(`--${flagOf(name)} ${placeholderOf(fallback)}`), visible(`default: ${showParameter(fallback)}`)] as const,
  )
  const width = Math.max(0, ...flags.map(([flag]) => widthOf(flag)))
  return [
    ...section(
      'Parameters',
      flags.map(([flag, fallback]) => `  ${padEnd(flag, width)}  ${fallback}`),
    ),
    ...section(
      'Properties',
      properties.map(name => `  ${visible(name)}`),
    ),
    ...section('Mutants', broken),
    ...section('Claims that it refutes', refuted),
  ].join('\n')
}

/** The only property to check, or null for all: the one that is asked for, else the one that the variant is said to violate. */
const findProperty = (spec: Spec, name: string | undefined, variant: Variant, protocol: AnyProtocol): string | null => {
  const { breaks, properties: usual } = variant
  // What it has may depend on the parameters.
  const properties = [...new Set([...propertiesOf(variant, protocol), ...(usual.includes('deadlock') ? ['deadlock'] : [])])]
  if (name === 'all' && !properties.includes('all')) return null
  if (name === undefined) return breaks
  if (properties.includes(name)) return name
  throw new SpecError({ title: 'NO SUCH PROPERTY', place: spec.command, what: `${spec.name} has no property ${name}.`, hint: suggest(name, properties) })
}
