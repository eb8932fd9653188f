import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import picocolors from 'picocolors'
import type { Options } from '../../checker/check/options.ts'
import type { Report } from '../../checker/check/report.ts'
import type { Engine } from '../../checker/cli/engine.ts'
import { main } from '../../checker/cli/main.ts'
import type { Terminal } from '../../checker/cli/terminal.ts'
import type { AnyProtocol } from '../../checker/protocol/protocol.ts'
import type { Trace } from '../../checker/trace/trace.ts'

export const fakeReport: Report = {
  protocol: 'the engine does not know its name',
  parameters: {},
  mutant: null,
  verdict: 'holds',
  property: null,
  complete: true,
  states: 12345,
  transitions: 45678,
  depth: 20,
  handlerCalls: 123,
  seconds: 1.234,
  roundSeconds: 1.234,
  tables: {
    roles: [{ role: 'process', nodes: 3, states: 77, merged: null }],
    observers: [],
    messages: 12,
    outcomeLists: 34,
    symmetry: { order: 6, listed: true },
    deadMessages: null,
    fillSeconds: 0.123,
  },
  peakBytes: 100 * 1024 ** 2,
  seenBytes: 1_000_000,
  workers: 1,
  rounds: 1,
  reductions: ['symmetry'],
  stoppedBy: null,
  runs: null,
  unreached: [],
  liveness: null,
  notes: [],
  counterexample: null,
  shortest: true,
}

export const fakeTrace: Trace = {
  format: 'protocheck-trace',
  version: 1,
  protocol: 'lamport-mutex',
  parameters: {},
  mutant: null,
  property: 'mutualExclusion',
  because: null,
  nodes: ['p1'],
  initial: { nodes: { p1: {} }, observers: {} },
  steps: [
    { kind: 'action', node: 'p1', name: 'request', from: null, message: null, choices: [], sent: [], emitted: [], nodes: {}, observers: {} },
    { kind: 'action', node: 'p1', name: 'enter', from: null, message: null, choices: [], sent: [], emitted: [], nodes: {}, observers: {} },
  ],
}

export const violated: Partial<Report> = { verdict: 'violated', property: 'mutualExclusion', complete: false, depth: 2, counterexample: fakeTrace }

/** A terminal that keeps what is printed. */
export const quietTerminal = (directory = process.cwd()): Terminal & { readonly printed: { out: string; err: string } } => {
  const printed = { out: '', err: '' }
  return {
    printed,
    out: text => {
      printed.out += text
    },
    err: text => {
      printed.err += text
    },
    draw: text => {
      printed.err += text
    },
    hasAnswered: () => printed.out !== '',
    colors: picocolors.createColors(false),
    columns: 0,
    progressColumns: 0,
    directory,
    onInterrupt: () => () => {},
  }
}

/** Runs a command line in this process; the engine answers `report` (or as it says) and tells what it was asked. */
export const run = async (args: string, report: Partial<Report> | Error | ((options: Options) => Partial<Report>) = {}, terminal: Partial<Terminal> = {}) => {
  const asked: { protocol: AnyProtocol; options: Options }[] = []
  const engine: Engine = {
    async explore(protocol, options) {
      asked.push({ protocol, options })
      if (report instanceof Error) throw report
      options.onProgress?.({ phase: 'search', states: 1000, transitions: 2000, depth: 5, frontier: 300, seconds: 2 })
      return { ...fakeReport, ...(typeof report === 'function' ? report(options) : report) }
    },
    renderText: trace => `(${trace.steps.length} steps drawn)`,
  }
  const quiet = quietTerminal()
  const code = await main(
    args.split(' ').filter(arg => arg !== ''),
    { ...quiet, ...terminal },
    engine,
  )
  return { code, ...quiet.printed, asked }
}

/** A new folder with these files in it. */
export const folder = (files: { readonly [name: string]: string }): string => {
  const path = mkdtempSync(join(tmpdir(), 'protocheck-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

/** The program. */
export const bin = fileURLToPath(new URL('../../bin/check.mjs', import.meta.url))

/** What became of a process. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs the program itself, in another process. @param nodeOptions for Node, not for the program */
export const spawnCheck = (args: readonly string[], directory: string, nodeOptions: readonly string[] = []): Promise<Ended> =>
  ended(spawn(process.execPath, [...nodeOptions, bin, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] }))

/** The same by a shell: `$check` is the program. The last line of stdout is the code, of the first command of a pipe. */
export const shellCheck = async (command: string, directory: string): Promise<Ended> => {
  const check = `"${process.execPath}" "${bin}"`
  const { out, err } = await ended(
    spawn('bash', ['-c', `${command.replaceAll('$check', check)}; code=\${PIPESTATUS[0]}; echo; echo $code`], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  const lines = out.trimEnd().split('\n')
  return { code: Number(lines.pop()), out: lines.join('\n'), err }
}

/** Waits for a process to end. */
export const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const printed = { out: '', err: '' }
    child.stdout?.on('data', chunk => {
      printed.out += chunk
    })
    child.stderr?.on('data', chunk => {
      printed.err += chunk
    })
    child.on('error', reject)
    child.on('close', code => resolve({ code, ...printed }))
  })

/**
 * Tries each case, a few at a time. A table of the documents quotes what this returns: how many were tried, and what became of those that failed.
 * @param failure what is wrong with a case, or undefined
 */
export const tally = async <T>(cases: readonly T[], failure: (one: T) => Promise<string | undefined>): Promise<{ tried: number; failed: string[] }> => {
  const failed: string[] = []
  const left = [...cases]
  const runner = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const why = await failure(next).catch(error => String(error))
      if (why !== undefined) failed.push(`${JSON.stringify(next)}: ${why}`)
    }
  }
  await Promise.all([runner(), runner(), runner()])
  return { tried: cases.length, failed }
}
