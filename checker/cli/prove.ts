import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { SpecError } from '../protocol/errors.ts'
import type { Broken, Lock, Proof } from '../prove/lock.ts'
import { renderText } from '../trace/render-text.ts'
import { visible, visibleProse } from '../trace/visible.ts'
import { sinceCommit } from './diff.ts'
import { loadSpec, specNames } from './load.ts'
import { bundledLock, OWN_LOCK, readLock, record, refuseUnnamedFiles, tryToUpdate, unrecorded, usualLock } from './lock-file.ts'
import { showParameters } from './parameters.ts'
import { parse } from './parse.ts'
import { ProofCache, usualCache } from './proofs/cache.ts'
import { commandOf, type Judged } from './proofs/judged.ts'
import { type Planned, parseShard, planOf, type Shard, shardOf } from './proofs/plan.ts'
import { Processes } from './proofs/pool.ts'
import { type Here, runAll } from './proofs/run-all.ts'
import { saveCounterexample } from './proofs/save.ts'
import { restored } from './proofs/task.ts'
import { type Case, caseOf, goneCase } from './reporters/case.ts'
import { parseReporters, type Reporter, tryReporters, usualReporters, writeReports } from './reporters/reporters.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'
import { parseCount } from './units.ts'
import { version } from './version.ts'

interface Flags {
  /** The file that was named. */
  readonly lock?: string
  readonly slow?: true
  readonly update?: true
  readonly fresh?: true
  /** A folder; false for none. */
  readonly cache?: string | false
  readonly shard?: Shard
  readonly jobs: number
  readonly save?: string
  readonly reporter?: readonly Reporter[]
}

const commandFor = (): Command =>
  new Command('check prove')
    .argument('[protocols...]', 'names, or paths of files; by default those of the lock file')
    .description(
      'The regression proofs: every protocol within each of the bounds that it exports as `proofs`, its mutants and its claims, compared with what was recorded: verdict, what its code does, and (by the same version of the checker) the counts.',
    )
    .option('--lock <file>', `the lock file (default: that of the protocols that come with the checker; ${OWN_LOCK} where a file is named)`)
    .option('--slow', 'those that take minutes, too')
    .option('--update', 'record what is found; commit it only if you understand what changed it')
    .optionsGroup('How it is run:')
    .addOption(new Option('--jobs <count>', 'processes that derive proofs at the same time').argParser(parseCount('--jobs', 1)).default(1))
    .addOption(new Option('--shard <part>', 'a part of all, as 2/5: of about the same seconds, by what is recorded').argParser(parseShard))
    .option('--cache <folder>', 'where proofs are kept of what did not change (default: node_modules/.cache/protocheck, where there is a node_modules)')
    .option('--no-cache', 'keep none, and look at none')
    .option('--fresh', 'derive all anew, and keep what is found')
    .optionsGroup('Output:')
    .addOption(
      new Option('--reporter <names>', 'text, github, junit=FILE, ctrf=FILE, sarif=FILE; several with commas (default: text; on GitHub also github)').argParser(
        parseReporters,
      ),
    )
    .option('--save <folder>', 'keep counterexamples that should not be there: as .json, .txt and .html')

/**
 * `check prove`: derives again what is claimed of protocols: that they hold within the bounds that they export as `proofs`, that each mutant breaks what it is said to break, that each claim
 * is false. Compares with what the lock file says. Without protocols: those of the lock file, or all that come with the checker.
 * @returns 0 all as recorded; 1 something drifted, is violated, or is missing; 2 a spec is broken
 */
export const prove = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const command = commandFor()
  await parse(command, args, terminal)
  const names = command.args
  const flags = command.opts<Flags>()
  const { update = false } = flags
  if (update && flags.shard !== undefined)
    throw new SpecError({ title: 'WRONG USE', what: '--update records all of a protocol, and --shard derives a part.', hint: 'Leave out one of them.' })
  const file = flags.lock ?? usualLock(names, update, terminal.directory)
  const path = resolve(terminal.directory, file)
  if (flags.lock !== undefined && !update && !existsSync(path))
    throw new SpecError({ title: 'NO SUCH FILE', what: `There is no file ${path}`, hint: 'Record the proofs first: --update' })
  const recorded = readLock(path, file)
  const inLock = [...new Set([...recorded.proofs, ...recorded.broken].map(({ protocol }) => protocol))]
  if (names.length === 0) refuseUnnamedFiles(inLock, file)
  if (update) tryToUpdate(path, file)
  // Of what comes with the checker, one that its lock file lacks is to be noticed.
  const usual = update ? specNames() : path === bundledLock || inLock.length === 0 ? [...new Set([...inLock, ...unrecorded(recorded.proofs)])] : inLock
  const wanted = names.length > 0 ? [...new Set(names)] : usual
  const { env } = process
  const reporters = flags.reporter ?? usualReporters(env)
  tryReporters(reporters, terminal)
  const start = Date.now()
  const proving = new Proving(recorded, flags, terminal, update ? () => record(path, file, wanted, proving.proofs, proving.broken) : undefined)
  await proving.run(wanted)
  const again = names.length > 0 || path !== bundledLock ? wanted : []
  terminal.out(`${proving.summary}${proving.failures > 0 && !update ? ` Recorded anew by: ${updating(again, flags)}` : ''}\n`)
  writeReports(reporters, { cases: proving.cases, version: version(), start, stop: Date.now() }, terminal, env)
  return proving.errors > 0 ? 2 : proving.failures === 0 ? 0 : 1
}

/** What to type to record the proofs of these protocols. */
const updating = (names: readonly string[], { lock, slow }: Flags): string =>
  ['check prove', ...names.map(shellWord), ...(lock === undefined ? [] : [`--lock ${shellWord(lock)}`]), ...(slow ? ['--slow'] : []), '--update'].join(' ')

/** Proves again what is recorded, and says of each whether it is as it should be. */
class Proving {
  failures = 0
  errors = 0
  readonly cases: Case[] = []
  readonly #recorded: Pick<Lock, 'proofs' | 'broken'>
  readonly #flags: Flags
  readonly #terminal: Terminal
  /** Writes what is found so far; undefined where nothing is to be recorded. */
  readonly #record: (() => Promise<void>) | undefined
  readonly #found = new Map<Planned, Judged>()
  #recording = Promise.resolve()
  #plan: readonly Planned[] = []
  #skipped: readonly Planned[] = []
  #said = 0
  #cached = 0

  constructor(recorded: Pick<Lock, 'proofs' | 'broken'>, flags: Flags, terminal: Terminal, record: (() => Promise<void>) | undefined) {
    this.#recorded = recorded
    this.#flags = flags
    this.#terminal = terminal
    this.#record = record
  }

  /** What the lock file is to hold: what is slow and left out, or not yet derived, stays as it is. */
  get proofs(): readonly Proof[] {
    return this.#records('proof') as readonly Proof[]
  }

  get broken(): readonly Broken[] {
    return this.#records('variant') as readonly Broken[]
  }

  get summary(): string {
    const left = this.#skipped.length === 0 ? '' : `, ${this.#skipped.length} left out (--slow)`
    const cached = this.#cached === 0 ? '' : `, ${this.#cached} of them from the cache (--fresh derives all anew)`
    return `${this.#said - this.failures} proofs as they should be${cached}, ${this.failures} not${left}.`
  }

  async run(names: readonly string[]): Promise<void> {
    const plans: Planned[] = []
    for (const name of names) plans.push(...planOf(await loadSpec(name, this.#terminal.directory), this.#recorded))
    this.#plan = plans
    this.#skipped = this.#flags.slow ? [] : plans.filter(({ isSlow }) => isSlow)
    const left = plans.filter(planned => !this.#skipped.includes(planned))
    const { shard } = this.#flags
    await this.#derive(shard === undefined ? left : shardOf(left, shard))
    await this.#record?.()
    if (this.#flags.update !== true && (shard === undefined || shard.index === 1)) this.#sayGone(names)
  }

  async #derive(plan: readonly Planned[]): Promise<void> {
    const { jobs, update = false, cache, fresh = false } = this.#flags
    const folder = cache === false ? undefined : (cache ?? usualCache(this.#terminal.directory))
    const kept = folder === undefined ? undefined : new ProofCache(resolve(this.#terminal.directory, folder))
    const pool: Processes | Here = jobs > 1 ? new Processes(Math.min(jobs, plan.length), this.#terminal.directory) : { size: 1 }
    try {
      await runAll(plan, pool, { cache: kept, fresh, update, checker: version(), found: judged => this.#keep(judged) }, judged => this.#judge(judged))
    } finally {
      if (pool instanceof Processes) pool.end()
    }
    for (const path of kept?.refused ?? []) this.#terminal.err(`What was kept in ${path} is not whole, so it was derived anew.\n`)
  }

  /** Whatever ends this process, what took time to derive is not lost. Each answer stands for itself in the lock file, so some may be written while others are not known. */
  async #keep(judged: Judged): Promise<void> {
    this.#found.set(judged.planned, judged)
    if (judged.isCached) return
    this.#recording = this.#recording.then(this.#record)
    await this.#recording
  }

  async #judge(judged: Judged): Promise<void> {
    this.cases.push(caseOf(judged, this.#terminal.directory))
    if (judged.error !== null) this.errors++
    if (judged.isCached) this.#cached++
    const { unexpected, planned } = judged
    const next = unexpected === null ? [] : [...renderText(unexpected).trimEnd().split('\n'), `Next: ${commandOf(planned)}`]
    const saved = unexpected === null || this.#flags.save === undefined ? [] : await saveCounterexample(planned, unexpected, this.#flags.save, this.#terminal)
    const since = await this.#sinceCommit(judged)
    this.#say(judged.isGood, `${judged.headline}${judged.isCached ? ' (from the cache)' : ''}`, [...judged.lines, ...since, ...next, ...saved])
    if (judged.error?.hint !== undefined) this.#terminal.out(`    ${visibleProse(judged.error.hint)}\n`)
  }

  /** Where a protocol does something else than recorded, and how an execution comes there. */
  async #sinceCommit({ planned, isGood, found }: Judged): Promise<readonly string[]> {
    const { kind, recorded, spec, task } = planned
    const before = kind === 'proof' ? (recorded as Proof | undefined)?.behaviour : undefined
    if (isGood || before == null || found?.behaviour == null || JSON.stringify(before) === JSON.stringify(found.behaviour)) return []
    return sinceCommit(spec, restored(spec, task.parameters), before, this.#terminal)
  }

  /** What is in the lock file, and the protocol has no more. */
  #sayGone(names: readonly string[]): void {
    const isPlanned = (recorded: Proof | Broken): boolean => this.#plan.some(planned => planned.recorded === recorded)
    for (const proof of this.#recorded.proofs)
      if (names.includes(proof.protocol) && !isPlanned(proof))
        this.#gone(proof.protocol, `${visible(proof.protocol)}  ${showParameters(proof.parameters)}`, 'proof')
    for (const broken of this.#recorded.broken)
      if (names.includes(broken.protocol) && !isPlanned(broken))
        this.#gone(broken.protocol, `${visible(broken.protocol)}, ${visible(broken.variant)}`, 'mutant or claim')
  }

  #gone(protocol: string, title: string, what: string): void {
    const message = `It is in the lock file, and the protocol has no such ${what}: remove it with --update.`
    this.cases.push(goneCase(protocol, title, message))
    this.#say(false, title, [message])
  }

  #records(kind: 'proof' | 'variant'): readonly (Proof | Broken)[] {
    return this.#plan
      .filter(planned => (planned.kind === 'proof') === (kind === 'proof'))
      .flatMap(planned => (this.#found.has(planned) ? this.#found.get(planned)?.record : planned.recorded) ?? [])
  }

  #say(isGood: boolean, what: string, lines: readonly string[]): void {
    const { colors } = this.#terminal
    this.#said++
    if (!isGood) this.failures++
    this.#terminal.out(
      `${isGood ? colors.green('✓') : colors.red('✗')} ${what}\n${lines
        .map(line => `    ${line}`.trimEnd())
        .map(line => `${line}\n`)
        .join('')}`,
    )
  }
}
