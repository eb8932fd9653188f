import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { Command } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { restoreParameter } from '../protocol/json-parameters.ts'
import { suggest } from '../protocol/nearest.ts'
import type { AnyProtocol } from '../protocol/protocol.ts'
import type { Parameters, ParameterValue } from '../protocol/spec.ts'
import { goneFrom } from '../trace/outdated.ts'
import { renderSteps } from '../trace/render-text.ts'
import { type Replay, replayText, replay as replayTrace } from '../trace/replay.ts'
import { limits, parseTrace } from '../trace/schema.ts'
import type { Trace } from '../trace/trace.ts'
import { visible, visibleProse } from '../trace/visible.ts'
import { whyLines, whyText } from '../trace/why.ts'
import { replayJson } from './contract.ts'
import { loadSpec, type Spec, specNames } from './load.ts'
import { showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import type { Terminal } from './terminal.ts'
import { findVariant } from './variant.ts'

const exitCodes: { readonly [kind in Replay['kind']]: number } = { violates: 1, harmless: 0, unfair: 0, impossible: 0, undecided: 3 }

/**
 * `check replay FILE [protocol]`: takes a saved trace through the handlers, step by step.
 * @returns the exit code: 1 it violates its property, 0 it does not (or a step is impossible, or it is not fair to go on so), 3 whether it violates cannot be told
 */
export const replay = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = new Command('check replay')
    .description('The steps of a saved counterexample once more, through the handlers, and what each one changes.')
    .argument('<file>', 'what check … --save wrote (.json)')
    .argument('[protocol]', 'the protocol, by name or file, where it is not one that comes with the checker')
    .option('--json', 'one JSON object on stdout, and nothing else')
    .helpOption('-h, --help', 'this text')
    .addHelpText(
      'after',
      '\nExit code:\n  1 its property is violated, 0 it is not (or a step is impossible, or it is not fair to go on so),\n  2 wrong use, a broken file, or one that names what the protocol has not any more, 3 not decided',
    )
  await parse(command, args, terminal)
  const [file, named] = command.processedArgs as [string, string | undefined]

  const trace = readTrace(file, terminal.directory)
  const spec = await loadSpec(named ?? shipped(trace.protocol, file), terminal.directory)
  const parameters = parametersOf(trace, spec, file)
  const claim = trace.mutant === null && Object.hasOwn(spec.claims, trace.property) ? trace.property : null
  const variant = findVariant(spec, { mutant: trace.mutant, claim })
  const protocol = variant.make(parameters)
  refuseOutdated(trace, protocol, file)
  const result = replayTrace(trace, protocol)
  const onCorrect = trace.mutant === null ? null : replayTrace(trace, spec.make(parameters))
  const found = { ...trace, parameters }
  const isJson = command.opts<{ json?: true }>().json === true
  terminal.out(
    isJson
      ? `${JSON.stringify(replayJson(found, result, onCorrect))}\n`
      : report(found, result, onCorrect, result.kind === 'violates' ? whyText(protocol, trace) : null, terminal),
  )
  return exitCodes[result.kind]
}

/** @throws SpecError if the trace names what the protocol has not: then it says nothing of it */
const refuseOutdated = (trace: Trace, protocol: AnyProtocol, file: string): void => {
  const gone = goneFrom(trace, protocol)
  if (gone === undefined) return
  throw new SpecError({
    title: 'TRACE IS OF ANOTHER PROTOCOL',
    place: gone.step === 0 ? file : `${file}, step ${gone.step}`,
    what: `It has ${gone.what}; ${trace.protocol} is otherwise now.`,
    why: 'So it cannot tell whether the property is still violated.',
    hint: `${suggest(gone.name, gone.known)} Make the trace anew: check … --save`,
  })
}

/** The trace in a file. @throws SpecError if there is none */
export const readTrace = (file: string, directory: string): Trace => {
  const path = resolve(directory, file)
  if (!existsSync(path)) {
    const folder = dirname(path)
    const files = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder).filter(name => name.endsWith('.json')) : []
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, ...(files.length > 0 && { hint: suggest(basename(path), files) }) })
  }
  if (!statSync(path).isFile()) throw new SpecError({ title: 'NOT A FILE', what: `${path} is a folder.`, hint: 'Name one of the .json files in it.' })
  if (path.endsWith('.txt'))
    throw new SpecError({ title: 'NOT A TRACE', place: file, what: 'This is the drawing.', hint: `check replay ${file.replace(/txt$/, 'json')}` })
  const bytes = statSync(path).size
  if (bytes > limits.lengthMax)
    throw new SpecError({
      title: 'FILE IS TOO LARGE',
      place: file,
      what: `It has ${bytes} bytes; at most ${limits.lengthMax} are read.`,
      hint: 'No trace of the checker is as large as that.',
    })
  return parseTrace(readFileSync(path, 'utf8'), file)
}

/** A file of the user's is loaded only if the user names it: never because a trace does. */
const shipped = (protocol: string, file: string): string => {
  if (specNames().includes(protocol)) return protocol
  throw new SpecError({
    title: 'NO SUCH PROTOCOL',
    place: file,
    what: `The trace is of the protocol ${JSON.stringify(protocol)}, which does not come with the checker.`,
    hint: `Name its file: check replay ${file} ./${/^[\w-]+$/.test(protocol) ? protocol : 'protocol'}.ts`,
  })
}

/** The parameters of the trace, of the types that the protocol gives them. @throws SpecError if they are not its parameters */
export const parametersOf = ({ parameters }: Trace, { defaults, name }: Spec, file: string): Parameters => {
  const restored = Object.entries(parameters).map(([parameter, value]): [string, ParameterValue] => {
    const fallback = Object.hasOwn(defaults, parameter) ? defaults[parameter] : undefined
    const found = fallback === undefined ? undefined : restoreParameter(fallback, value)
    if (found !== undefined) return [parameter, found]
    throw new SpecError({
      title: 'WRONG PARAMETER',
      place: file,
      what:
        fallback === undefined
          ? `${name} has no parameter ${JSON.stringify(parameter)}; it has: ${Object.keys(defaults).join(', ') || 'none'}.`
          : `The parameter ${parameter} of ${name} is a ${typeof fallback}; in the trace it is ${JSON.stringify(value)}.`,
      hint: 'Has the protocol changed since? Make the trace anew with check … --save.',
    })
  })
  return { ...defaults, ...Object.fromEntries(restored) }
}

const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n')

const report = (trace: Trace, result: Replay, onCorrect: Replay | null, why: string | null, { colors }: Terminal): string => {
  const whose =
    trace.mutant === null
      ? colors.bold(visible(trace.protocol))
      : `${colors.bold(visible(trace.protocol))} with the mutant ${colors.bold(visible(trace.mutant))}`
  const possible = result.kind === 'impossible' ? Math.max(0, result.step - 1) : trace.steps.length
  const label = {
    violates: colors.red('VIOLATED'),
    harmless: colors.green('HARMLESS'),
    unfair: colors.green('UNFAIR'),
    impossible: colors.green('IMPOSSIBLE'),
    undecided: colors.yellow('UNDECIDED'),
  }[result.kind]
  return `${[
    [whose, `  ${showParameters(trace.parameters)}`, ...(trace.because === null ? [] : [`  ${visibleProse(trace.because)}`])].join('\n'),
    ...(result.kind === 'impossible' && result.step === 0 ? [] : [renderSteps({ ...trace, steps: trace.steps.slice(0, possible) }).trimEnd()]),
    `${colors.bold(label)}  ${visibleLines(replayText(result, trace))}`,
    ...(why === null ? [] : [whyLines(why).join('\n')]),
    ...(onCorrect === null ? [] : [`${colors.bold('On the correct protocol:')} ${visibleLines(replayText(onCorrect, trace))}`]),
  ].join('\n\n')}\n`
}
