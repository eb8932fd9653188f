import type { Progress } from '../search/report.ts'
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

/** One line of a search that is under way. @param bytes of memory that the process has */
export const progressLine = (now: Progress, rate: number, bytes: number): string =>
  [
    now.phase,
    counted(now.states, 'state'),
    `${formatCount(rate)}/s`,
    `depth ${now.depth}`,
    `frontier ${formatCount(now.frontier)}`,
    formatBytes(bytes),
    formatSeconds(now.seconds),
  ].join('  ')

/** Draws the progress of a search on one line of stderr; nothing at all where stderr is no terminal. */
export const drawProgress = ({ draw, progressColumns }: Terminal): { onProgress?: (progress: Progress) => void; erase(): void } => {
  if (progressColumns === 0) return { erase: () => {} }
  let last: { readonly progress: Progress; readonly rate: number } | null = null
  return {
    onProgress(now) {
      const rate = smoothedRate(now, last?.progress.phase === now.phase ? last : null)
      draw(ERASE_LINE + progressLine(now, rate, process.memoryUsage.rss()).slice(0, progressColumns - 1))
      last = { progress: now, rate }
    },
    erase() {
      if (last !== null) draw(ERASE_LINE)
    },
  }
}
