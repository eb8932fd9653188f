import type { Progress } from '../search/report.ts'
import type { Terminal } from './terminal.ts'
import { counted, formatCount, formatSeconds } from './units.ts'

const ERASE_LINE = '\r\u001b[K'

/** One line of a search that is under way; `before` is the last report, for the speed since then. */
export const progressLine = (now: Progress, before: Progress | null): string => {
  const seconds = now.seconds - (before?.seconds ?? 0)
  const speed = seconds > 0 ? (now.states - (before?.states ?? 0)) / seconds : 0
  return [
    now.phase,
    counted(now.states, 'state'),
    `${formatCount(Math.max(0, speed))}/s`,
    `depth ${now.depth}`,
    `frontier ${formatCount(now.frontier)}`,
    formatSeconds(now.seconds),
  ].join('  ')
}

/** Draws the progress of a search on one line of stderr; nothing at all where stderr is no terminal. */
export const drawProgress = ({ draw, progressColumns }: Terminal): { onProgress?: (progress: Progress) => void; erase(): void } => {
  if (progressColumns === 0) return { erase: () => {} }
  let last: Progress | null = null
  return {
    onProgress(now) {
      draw(ERASE_LINE + progressLine(now, last?.phase === now.phase ? last : null).slice(0, progressColumns - 1))
      last = now
    },
    erase() {
      if (last !== null) draw(ERASE_LINE)
    },
  }
}
