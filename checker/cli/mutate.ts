import { dirname, resolve } from 'node:path'
import { Command, Option } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import { jsonParameters } from '../protocol/json-parameters.ts'
import type { Parameters } from '../protocol/spec.ts'
import { isSameQuestion } from '../prove/lock.ts'
import { takeParameters } from './arguments.ts'
import { loadSpec, type Spec } from './load.ts'
import { readLock, usualLock } from './lock-file.ts'
import { type Mutant, mutantsOf } from './mutations/mutant.ts'
import { mutateJson, outcomeText, summaryText, unusedOf } from './mutations/report.ts'
import { type Outcome, runMutants } from './mutations/run-mutants.ts'
import { flagOf } from './parameters.ts'
import { parse } from './parse.ts'
import { Processes } from './proofs/pool.ts'
import type { Terminal } from './terminal.ts'
import { parseCount, parseSeconds } from './units.ts'

interface Flags {
  readonly budget: number
  readonly jobs: number
  readonly survivors: number
  readonly imported?: true
  readonly all?: true
  readonly json?: true
}

const commandFor = (): Command =>
  new Command('check mutate')
    .usage('PROTOCOL [--parameter value …]')
    .description(
      'Makes mutants of the source of a protocol: a guard left out, `<` in place of `<=`, a message not sent, … Checks each within the same bounds, those that tell most first. One that no property notices, and that does something else, survives: a property is missing, or the bounds are too small, or it is right.',
    )
    .addOption(
      new Option('--budget <duration>', 'ends after so long; what was not looked at is counted').argParser(parseSeconds('--budget')).default(600, '10m'),
    )
    .addOption(new Option('--jobs <count>', 'processes that check mutants at the same time').argParser(parseCount('--jobs', 1)).default(1))
    .addOption(new Option('--survivors <count>', 'exit code 1 where there are more without a reason').argParser(parseCount('--survivors')).default(0))
    .option('--imported', 'change files of other folders, too: those that it stands on, which may be protocols of their own')
    .option('--all', 'say of each mutant what came of it')
    .option('--json', 'one JSON object on stdout, and nothing else')

/** `check mutate PROTOCOL`: does a property notice what an author may have got wrong? @returns 0; 1 with more survivors than were allowed, or a reason for one that there is not */
export const mutate = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const [named, ...rest] = args
  const command = commandFor()
  if (named === undefined || named.startsWith('-')) {
    await parse(command, args, terminal)
    throw new SpecError({ title: 'WRONG USE', what: 'No protocol is named.', hint: 'check mutate <protocol | file.ts> …' })
  }
  const spec = await loadSpec(named, terminal.directory)
  const { given, options } = takeParameters(rest, spec.defaults, command)
  await parse(
    command,
    options.flatMap(({ words }) => words),
    terminal,
    Object.keys(spec.defaults).map(name => `--${flagOf(name)}`),
  )
  const flags = command.opts<Flags>()
  const parameters = { ...spec.defaults, ...given }
  const isWhole = Object.keys(given).length === 0
  const made = mutantsOf(spec, spec.make(parameters), dirname(spec.modules.file))
  const mutants = made.filter(({ isOwn }) => isOwn || flags.imported)
  const outcomes = await outcomesOf(spec, mutants, parameters, isWhole, flags, terminal)
  const unused = isWhole ? unusedOf(spec.survivors, outcomes) : []
  if (flags.json) terminal.out(`${JSON.stringify(mutateJson(spec, parameters, outcomes, unused))}\n`)
  else terminal.out(summaryText(spec, parameters, outcomes, unused, made.length - mutants.length, terminal))
  const survivors = outcomes.filter(({ result }) => result === 'survived').length
  return survivors > flags.survivors || unused.length > 0 ? 1 : 0
}

/** Bounds that take a third of the usual ones, or less, come before them: most mutants are killed anywhere. */
const CHEAP = 1 / 3

/** The other bounds of its proofs, by what the lock file says that they take. */
const otherBounds = (
  spec: Spec,
  parameters: Parameters,
  { directory }: Terminal,
): { readonly cheap: readonly Parameters[]; readonly others: readonly Parameters[] } => {
  const file = usualLock([spec.command], false, directory)
  const { proofs } = readLock(resolve(directory, file), file)
  const secondsOf = (at: Parameters): number => proofs.find(proof => isSameQuestion(proof, { protocol: spec.command, parameters: at }))?.seconds ?? Infinity
  const bounds = spec.proofs.filter(({ slow }) => !slow).map(proof => jsonParameters(proof.parameters))
  const all = bounds.filter(other => JSON.stringify(other) !== JSON.stringify(parameters)).sort((a, b) => secondsOf(a) - secondsOf(b))
  const isCheap = (at: Parameters): boolean => secondsOf(at) <= CHEAP * secondsOf(parameters) && secondsOf(at) < Infinity
  return { cheap: all.filter(isCheap), others: all.filter(at => !isCheap(at)) }
}

const outcomesOf = async (
  spec: Spec,
  mutants: readonly Mutant[],
  made: Parameters,
  isWhole: boolean,
  { budget, jobs, all, json }: Flags,
  terminal: Terminal,
): Promise<readonly Outcome[]> => {
  let until = performance.now() + budget * 1000
  const pool = new Processes(Math.max(1, Math.min(jobs, mutants.length)), terminal.directory)
  const stop = terminal.onInterrupt(() => {
    until = 0
    pool.kill()
  })
  const parameters = jsonParameters(made)
  const { cheap, others } = isWhole ? otherBounds(spec, parameters, terminal) : { cheap: [], others: [] }
  try {
    return await runMutants(mutants, { spec, pool, parameters, cheap, others, secondsLeft: () => (until - performance.now()) / 1000 }, outcome => {
      if (!json && (all || outcome.result === 'survived')) terminal.out(outcomeText(outcome, terminal))
    })
  } finally {
    stop()
    pool.end()
  }
}
