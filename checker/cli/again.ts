import { spawn } from 'node:child_process'
import { existsSync, type FSWatcher, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findTarget } from './arguments.ts'
import { fileOf, filesOf } from './load.ts'
import { sourcesOf } from './sources.ts'
import type { Terminal } from './terminal.ts'

/** Milliseconds after a change before it is looked at: an editor writes a file in several steps. */
const SETTLE = 100

/** What one check said. */
interface Said {
  /** `HOLDS  atomicity, …` */
  readonly verdict: string
  /** `250 distinct states, …`: without what it took. */
  readonly figures: string
}

/**
 * `check … --watch`: the same check again whenever a file of the protocol is saved with another text, until Ctrl-C. What changed since the last verdict comes first.
 * Each check is a process of its own, as modules are loaded only once; one that goes on is ended where there is a newer text.
 * @returns the code of the last check
 */
export const checkAgain = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  const words = args.filter(word => word !== '--watch')
  const [target] = findTarget(words)
  const files = new WatchedFiles(fileOf(target, terminal.directory))
  let code = 0
  let before: Said | undefined
  let isOver = false
  let stop = (): void => {}
  const stopListening = terminal.onInterrupt(() => {
    isOver = true
    files.wake()
    stop()
  })
  while (!isOver) {
    const changed = files.changed()
    const run = start(words, terminal)
    stop = run.end
    const isNewer = await Promise.race([run.done.then(() => false), changed.then(() => true)])
    if (isNewer) run.end()
    const { out, code: ended } = await run.done
    if (!isNewer) {
      const said = saidIn(out)
      terminal.out(`${difference(before, said)}${out}`)
      if (said !== undefined) before = said
      code = ended
      if (!isOver) terminal.err('Waiting for a change; Ctrl-C ends.\n')
    }
    if (!isOver) await changed
  }
  stopListening()
  files.close()
  return code
}

const start = (
  words: readonly string[],
  { directory, colors }: Terminal,
): { readonly done: Promise<{ readonly out: string; readonly code: number }>; end(): void } => {
  const bin = ['../../bin/check.mjs', '../../../bin/check.mjs'].map(path => new URL(path, import.meta.url)).find(url => existsSync(url)) as URL
  const env = { ...process.env, ...(colors.isColorSupported && { FORCE_COLOR: '1' }) }
  const child = spawn(process.execPath, [fileURLToPath(bin), ...words], { cwd: directory, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  const done = new Promise<{ readonly out: string; readonly code: number }>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ out, code: code ?? 2 }))
  })
  return { done, end: () => void child.kill('SIGKILL') }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the command line's own
const colour = /\u001b\[\d+m/g

const saidIn = (out: string): Said | undefined => {
  const lines = out.replaceAll(colour, '').split('\n')
  const verdict = lines.find(line => /^(HOLDS|VIOLATED|INCONCLUSIVE) /.test(line))
  const figures = lines.find(line => /distinct states?, /.test(line))
  return verdict === undefined ? undefined : { verdict, figures: figures?.trim().replace(/;.*$/, '') ?? '' }
}

/** What is another than it was; nothing the first time. */
const difference = (before: Said | undefined, now: Said | undefined): string => {
  if (before === undefined) return ''
  if (now === undefined) return `Before: ${before.verdict}\nNow:    no verdict\n\n`
  const parts = [[before.verdict, now.verdict] as const, [before.figures, now.figures] as const].filter(([was, is]) => was !== is)
  return parts.length === 0 ? 'As before.\n\n' : `${parts.map(([was, is]) => `Before: ${was}\nNow:    ${is}`).join('\n')}\n\n`
}

/** The files of a protocol, and what tells that one of them is another. */
class WatchedFiles {
  readonly #path: string
  readonly #watchers = new Map<string, FSWatcher>()
  #texts: string
  #wake = (): void => {}
  #timer: NodeJS.Timeout | undefined

  constructor(path: string) {
    this.#path = path
    this.#texts = this.#read()
  }

  /** Settles when any file has another text than when this was asked last, or at `wake`. */
  changed(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
      // What was saved in the meantime.
      this.#look()
    })
  }

  wake(): void {
    this.#wake()
  }

  close(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  #look(): void {
    const texts = this.#read()
    if (texts === this.#texts) return
    this.#texts = texts
    this.#wake()
  }

  /** All texts; the folders that they are in are watched from now on. Where a file is away, it is about to be written. */
  #read(): string {
    try {
      const sources = sourcesOf(filesOf(this.#path))
      for (const name of sources.keys()) {
        const folder = dirname(join(dirname(this.#path), name))
        if (this.#watchers.has(folder)) continue
        const watcher = watch(folder, () => {
          clearTimeout(this.#timer)
          this.#timer = setTimeout(() => this.#look(), SETTLE)
        })
        watcher.on('error', () => {})
        this.#watchers.set(folder, watcher)
      }
      return JSON.stringify([...sources])
    } catch {
      return this.#texts
    }
  }
}
