import type { Progress } from '../check/options.ts'
import type { Terminal } from './terminal.ts'
import { counted, formatBytes, formatCount, formatSeconds } from './units.ts'

const ERASE_LINE = '\r\u001b[K'

/** Seconds over which the rate is smoothed. */
const SMOOTHING = 5

/** States per second: what was found lately counts most. `before` is the last report of the same phase, with its rate. */
export const smoothedRate = (now: Progress, before: { readonly progress: Progress; readonly rate: number } | null): number => {
  const seconds = now.seconds - (before?.progress.seconds ?? 0)
  if (seconds <= 0) return before?.rate ?? 0
  const rate = Math.max(0, now.states - (before?.progress.states ?? 0)) / seconds
  const weight = before === null ? 1 : 1 - Math.exp(-seconds / SMOOTHING)
  return weight * rate + (1 - weight) * (before?.rate ?? 0)
}

/**
 * One line of a search that is under way.
 * @param bytes of memory that the process has
 * @param left seconds until a limit ends it; nobody knows how long it takes without one, as the states that are left to find are not known
 */
export const progressLine = (now: Progress, rate: number, bytes: number, left?: number): string =>
  [
    now.phase,
    counted(now.states, 'state'),
    `${formatCount(rate)}/s`,
    `depth ${now.depth}`,
    `frontier ${formatCount(now.frontier)}`,
    formatBytes(bytes),
    formatSeconds(now.seconds),
    ...(left === undefined ? [] : [`at most ${formatSeconds(Math.max(0, left))} left`]),
  ].join('  ')

/**
 * Draws the progress of a search on one line of stderr; nothing at all where stderr is no terminal.
 * @param seconds from now on, after which a limit ends it
 */
export const drawProgress = ({ draw, progressColumns }: Terminal, seconds?: number): { onProgress?: (progress: Progress) => void; erase(): void } => {
  if (progressColumns === 0) return { erase: () => {} }
  const began = performance.now()
  let last: { readonly progress: Progress; readonly rate: number } | null = null
  return {
    onProgress(now) {
      const rate = smoothedRate(now, last?.progress.phase === now.phase ? last : null)
      const left = seconds === undefined ? undefined : seconds - (performance.now() - began) / 1000
      draw(ERASE_LINE + progressLine(now, rate, process.memoryUsage.rss(), left).slice(0, progressColumns - 1))
      last = { progress: now, rate }
    },
    erase() {
      if (last !== null) draw(ERASE_LINE)
    },
  }
}
