import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

export interface Measured {
  readonly stdout: string
  /** User and system time of the process and all its threads, seconds. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

/**
 * Runs one program to its end and measures the whole process, start-up included; bash's `time` does it, so that every program is measured the same way.
 * @throws Error when it fails, with what it wrote to stderr.
 */
export const measure = async (folder: string, command: string, args: readonly string[]): Promise<Measured> => {
  const times = join(folder, 'times')
  const child = spawn('bash', ['-c', 'TIMEFORMAT="%U %S %R"; { time "$@" 2>&3; } 3>&2 2>"$0"', times, command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject).on('close', resolve)
  })
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stderr}${stdout}`)
  const [user = Number.NaN, system = Number.NaN, real = Number.NaN] = readFileSync(times, 'utf8').trim().split(' ').map(Number)
  rmSync(times)
  return { stdout, cpuSeconds: user + system, wallSeconds: real }
}
