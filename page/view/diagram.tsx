import type { VNode } from 'preact'
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Episode } from '../../checker/trace/episodes.ts'
import { diagramOf, type Heading, LINE, type Row, type Shape } from '../../checker/trace/formats/diagram.ts'
import { liarsOf } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { widest } from '../../checker/trace/visible.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import type { Moment } from '../session/session.ts'
import { useUnchanged } from './unchanged.ts'

/** Pixels from one node's line to the next, where there is room, and where there is little. */
const GAPS = { wide: 76, narrow: 26 }
/** The share of the width that lines may take, and pixels that the text of a step has at least. */
const LINES_SHARE = 0.45
const TEXT_LEAST = 262
const LETTER = 7.2
/** Pixels that names take at most where they stand upright. */
const UPRIGHT_MOST = 150

const layoutFor = (
  width: number,
  nodes: readonly string[],
): { readonly gap: number; readonly letters: number; readonly tight: boolean; readonly upright: number | null } => {
  const forLines = Math.max(0, Math.min(width * LINES_SHARE, width - TEXT_LEAST))
  const gap = Math.round(Math.max(GAPS.narrow, Math.min(GAPS.wide, forLines / Math.max(1, nodes.length))))
  // Names may be wider than the gap. Where there is no room for that, they stand upright.
  const named = nodes.reduce((sum, name) => sum + Math.max(gap, name.length * LETTER + 16), 32)
  const tight = width - named < TEXT_LEAST / 1.4
  const lines = tight ? 32 + nodes.length * gap : named
  const isUpright = tight && nodes.some(name => name.length * LETTER + 4 > gap)
  const upright = isUpright ? Math.min(UPRIGHT_MOST, widest(nodes) * LETTER + 14) : null
  return { gap, tight, upright, letters: Math.max(20, Math.min(84, Math.floor((width - lines - 24) / LETTER))) }
}

/** The execution as a space-time diagram: each step is a button, and the names of the nodes stay in view. */
export const Diagram = ({
  trace,
  path,
  here,
  violated,
  episodes,
  folded,
  go,
  fold,
}: {
  readonly trace: Trace
  readonly path: readonly Moment[]
  readonly here: Moment
  /** The number of the step at which the property of the page is violated. */
  readonly violated: number | null
  readonly episodes: readonly Episode[]
  /** The first steps of the episodes that are folded. */
  readonly folded: ReadonlySet<number>
  readonly go: (to: Moment) => void
  readonly fold: (episode: Episode) => void
}) => {
  const scroll = useRef<HTMLElement>(null)
  const [width, setWidth] = useState(0)
  useLayoutEffect(() => {
    const box = scroll.current
    if (box === null) return
    setWidth(box.clientWidth)
    const observer = new ResizeObserver(() => setWidth(box.clientWidth))
    observer.observe(box)
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const box = scroll.current
    const row = box?.querySelector<HTMLElement>('[aria-current]')
    if (box === null || row === null || row === undefined) return
    const header = box.querySelector<HTMLElement>('.names')?.offsetHeight ?? 0
    const place = row.offsetTop + (row.offsetParent as HTMLElement).offsetTop
    const [top, bottom] = [place - header - 8, place + row.offsetHeight + 24]
    if (top < box.scrollTop) box.scrollTop = Math.max(0, top - 40)
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight + 40
  }, [here, width, folded])
  const measured = useMemo(() => {
    // Not before the room is known: it would be drawn twice.
    if (width === 0) return null
    const shown = withVisibleNames(trace)
    const liars = liarsOf(shown)
    const layout = layoutFor(
      width,
      shown.nodes.map(node => (liars.has(node) ? `${node} lies` : node)),
    )
    const foldable = episodes.map(episode => ({ ...episode, isFolded: folded.has(episode.from) }))
    return { ...diagramOf(shown, { ...layout, top: 12, episodes: foldable }), upright: layout.upright }
  }, [trace, width, episodes, folded])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <section class="diagram" ref={scroll} tabIndex={0} aria-label="Space-time diagram: time runs down">
      {measured !== null && <Canvas measured={measured} path={path} here={here} violated={violated} go={go} fold={fold} />}
    </section>
  )
}

const Canvas = ({
  measured: { columns, names, rows, headings, shapes, textX, bottom, width, upright },
  path,
  here,
  violated,
  go,
  fold,
}: {
  readonly measured: ReturnType<typeof diagramOf> & { readonly upright: number | null }
  readonly path: readonly Moment[]
  readonly here: Moment
  readonly violated: number | null
  readonly go: (to: Moment) => void
  readonly fold: (episode: Episode) => void
}) => {
  const drawn = useDrawn()
  const unchanged = useUnchanged<Row>()
  return (
    <>
      <div
        class={upright === null ? 'names' : 'names upright'}
        aria-hidden="true"
        style={{ minWidth: `${width}px`, height: upright === null ? undefined : `${upright}px` }}
      >
        {[...columns].map(([node, x]) => (
          <span key={node} style={{ left: `${x}px` }}>
            {names.get(node)}
          </span>
        ))}
      </div>
      <div class="canvas" style={{ height: `${bottom + 16}px`, minWidth: `${width}px` }}>
        <svg width={width} height={bottom + 16} aria-hidden="true" class="lines">
          <ArrowHead />
          {drawn(shapes, here.number)}
        </svg>
        <ol class="steps" start={0}>
          <li>
            <button
              type="button"
              class="row first"
              tabIndex={here.number === 0 ? 0 : -1}
              aria-current={here.number === 0 ? 'step' : undefined}
              onClick={() => go(path[0] as Moment)}
              style={{ top: `${-16}px`, height: '26px', paddingLeft: `${textX}px` }}
            >
              <span class="line minor">at the start</span>
            </button>
          </li>
          {rows.flatMap((row, i) => {
            const moment = path[i + 1] as Moment
            const number = i + 1
            const heading = headings.find(({ episode }) => episode.from === number)
            const above =
              heading === undefined
                ? []
                : [<EpisodeHeading key={`episode ${moment.id}`} heading={heading} here={here.number} violated={violated} x={textX} fold={fold} />]
            if (row.height === 0) return above
            const classes = ['row', number > here.number ? 'later' : '', number === violated ? 'bad' : '', `by-${moment.origin}`].join(' ')
            const isHere = here === moment
            const step = () => <Step key={moment.id} row={row} x={textX} classes={classes} isHere={isHere} go={() => go(moment)} />
            return [...above, unchanged(row, `${moment.id} ${isHere} ${classes}`, step)]
          })}
        </ol>
      </div>
    </>
  )
}

const Step = ({
  row: { y, height, lines },
  x,
  classes,
  isHere,
  go,
}: {
  readonly row: Row
  readonly x: number
  readonly classes: string
  readonly isHere: boolean
  readonly go: () => void
}) => (
  <li>
    <button
      type="button"
      class={classes}
      tabIndex={isHere ? 0 : -1}
      aria-current={isHere ? 'step' : undefined}
      onClick={go}
      style={{ top: `${y - LINE}px`, height: `${height}px`, paddingLeft: `${x}px` }}
    >
      {lines.map(({ text, minor }, k) => (
        <span key={k} class={minor ? 'line minor' : 'line'}>
          {text}
        </span>
      ))}
    </button>
  </li>
)

const EpisodeHeading = ({
  heading: { episode, y, height, lines },
  here,
  violated,
  x,
  fold,
}: {
  readonly heading: Heading
  readonly here: number
  readonly violated: number | null
  readonly x: number
  readonly fold: (episode: Episode) => void
}) => {
  const { from, to, isFolded } = episode as Heading['episode']
  const isHere = here >= from && here <= to
  return (
    <li>
      <button
        type="button"
        class={`row episode ${isHere && isFolded ? 'here' : ''} ${from > here ? 'later' : ''} ${to === violated ? 'bad' : ''}`}
        aria-expanded={!isFolded}
        aria-current={isHere && isFolded ? 'step' : undefined}
        title={isFolded ? 'Unfold (e)' : 'Fold (e)'}
        onClick={() => fold(episode)}
        style={{ top: `${y - LINE}px`, height: `${height}px`, paddingLeft: `${x - 16}px` }}
      >
        {lines.map((line, i) => (
          <span key={i} class="line">
            {i === 0 ? (isFolded ? '▸ ' : '▾ ') : '  '}
            {line}
          </span>
        ))}
      </button>
    </li>
  )
}

/** The end of each message's arrow. */
export const ArrowHead = () => (
  <defs>
    <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="11" markerHeight="11" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
      <path class="head" d="M0 0L8 4L0 8z" />
    </marker>
  </defs>
)

/** Shapes as elements: those of the step that is looked at stand out, those of later ones are pale. */
export const useDrawn = () => {
  const unchanged = useUnchanged<Shape>()
  return (shapes: readonly Shape[], here: number): readonly VNode[] =>
    shapes.map((shape, i) => {
      const { steps } = shape
      const more = here > 0 && steps.includes(here) ? 'now' : steps.length > 0 && Math.max(...steps) > here ? 'later' : ''
      return unchanged(shape, more, () => <Drawn key={i} shape={shape} more={more} />)
    })
}

const Drawn = ({ shape, more }: { readonly shape: Shape; readonly more: string }) => {
  const { tag: Tag, attributes, inside } = shape
  const { class: name = '', ...given } = attributes
  return (
    <Tag {...given} class={`${name} ${more}`}>
      {inside?.map((part, i) => (
        <Drawn key={i} shape={part} more="" />
      ))}
    </Tag>
  )
}
