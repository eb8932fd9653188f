import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import { SpecError } from '../../checker/protocol/errors.ts'
import { type Episode, episodesOf } from '../../checker/trace/episodes.ts'
import { againText } from '../../checker/trace/render-text.ts'
import { canonical } from '../../checker/trace/show.ts'
import { emittedText, initialText, liarsOf, sentTexts, stepText } from '../../checker/trace/step-text.ts'
import { type ViewChange, viewChangesOf } from '../../checker/trace/view-changes.ts'
import { visible, visibleProse } from '../../checker/trace/visible.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import type { Checker } from '../checker.ts'
import type { PageData } from '../page-data.ts'
import { addressText, findNames, followText, type Link } from '../session/address.ts'
import { nextSteps } from '../session/next-steps.ts'
import { packed } from '../session/packed.ts'
import { listed, truthOf } from '../session/properties.ts'
import type { RuledWalker } from '../session/rules.ts'
import type { Moment, Session } from '../session/session.ts'
import { Coverage } from './code.tsx'
import { Diagram } from './diagram.tsx'
import { DiagramToTheRight } from './diagram-right.tsx'
import { Branches, InFlight } from './lists.tsx'
import { type Begin, Next } from './next.tsx'
import { type Asking, Properties } from './properties.tsx'
import { States } from './states.tsx'
import { StepDetails } from './step.tsx'

/** Milliseconds between two steps while it plays. */
const PLAY_MS = 900
const RANDOM_STEPS = 10
/** After so many milliseconds at a step the address says it. */
const ADDRESS_MS = 200
const ASK_SECONDS = 120

const allTabs = ['properties', 'in flight', 'branches', 'step', 'coverage'] as const

const keys: readonly (readonly [key: string, what: string])[] = [
  ['→ or j', 'the next step'],
  ['← or k', 'the step before'],
  ['Home, End', 'the start, the end'],
  ['n', 'to the steps that may be taken; Tab and Enter take one'],
  ['p', 'play, or pause'],
  ['r', `${RANDOM_STEPS} random steps`],
  ['u', 'undo: remove the last step of your own'],
  ['a', 'ask: can the property be violated from here?'],
  ['c', 'compare: show what has changed since this step; again: since the step before'],
  ['e', 'fold this episode, or unfold it'],
  ['s', 'the story: fold all episodes, so that each is one step; again: unfold all'],
  ['t', 'time runs to the right, or down'],
  ['1, 2, 3, 4', 'properties, messages in flight, branches; the step: its code, and what it is needed for'],
  ['?', 'these keys'],
]

/** What the property of the page looks at, on a path through states that are known. */
const viewsOn = ({ walker, about }: Session, path: readonly Moment[]): readonly ViewChange[] => {
  const states = path.flatMap(({ live }) => live?.state ?? [])
  if (walker === null || about.property === '' || states.length !== path.length) return []
  try {
    return viewChangesOf(walker, about.property, states)
  } catch (error) {
    if (error instanceof SpecError) return []
    throw error
  }
}

/** What is violated at the end of the trace. Where the protocol is there, it has been evaluated: a file may say what is not so. */
const endingOf = (session: Session): string => {
  const { property, steps } = session.about
  if (property === '') return ''
  const again = againText(session.about)
  if (again !== null) return session.refused === null ? `${visible(property)} is violated. ${again}` : `The trace says that ${visible(property)} is violated.`
  const when = steps.length === 0 ? 'from the start' : `after step ${steps.length}`
  const what = property === 'deadlock' ? `Deadlock ${when}` : `${visible(property)} is violated ${when}`
  const end = session.moments.findLast(({ origin, number }) => origin === 'trace' && number === steps.length)
  const isTrue = session.walker === null || end === undefined || truthOf(session, end, property).answer !== 'holds'
  return isTrue ? `${what}.` : `The trace says that ${what[0]?.toLowerCase()}${what.slice(1)}, but here it is not.`
}

export const Page = ({
  data,
  session,
  ruled,
  checker,
  link,
  beginning,
  beginnings,
}: {
  readonly data: PageData
  readonly session: Session
  readonly ruled: RuledWalker | null
  readonly checker: Checker | null
  readonly link: Link | null
  /** What the initial state is called in an address; null for the one that the page opens with. */
  readonly beginning: string | null
  readonly beginnings: readonly Begin[]
}) => {
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [here, setHere] = useState(session.first)
  const [base, setBase] = useState<Moment | null>(null)
  const [tab, setTab] = useState<(typeof allTabs)[number]>('properties')
  const tabs = allTabs.filter(name => name !== 'coverage' || data.coverage.length > 0)
  const [chosen, setChosen] = useState<string | null>(session.about.property === '' ? null : session.about.property)
  const [asking, setAsking] = useState<Asking | null>(null)
  const [isRight, setIsRight] = useState(false)
  const [plays, setPlays] = useState(false)
  const [notice, setNotice] = useState<string | null>(session.refused)
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const help = useRef<HTMLDialogElement>(null)
  const next = useRef<HTMLElement>(null)

  const path = session.pathThrough(here)
  const end = path.at(-1) as Moment
  const property = session.about.property
  const loop = session.loopAt(end)
  const opened = useRef(end)

  const trace = useMemo(() => session.traceTo(end), [end, end.number, loop])
  const ending = useMemo(() => endingOf(session), [session])
  const liars = useMemo(() => liarsOf(session.about), [session])
  const violated = end.origin === 'trace' && property !== '' && !ending.startsWith('The trace says') ? end.number : null
  const episodes = useMemo(
    () => episodesOf(withVisibleNames({ ...trace, property: violated === null ? '' : property }), viewsOn(session, path)),
    [trace, violated],
  )

  const go = (to: Moment): void => {
    session.look(to)
    setHere(to)
    redraw(0)
  }
  // An episode that is folded is one step.
  const forward = (): void => setHere(at => onward(at) ?? at)
  const back = (): void =>
    setHere(at => {
      const episode = foldedAt(at.number)
      return path[(episode === undefined ? at.number : episode.from) - 1] ?? at.before ?? at
    })
  const foldedAt = (number: number): Episode | undefined => episodes.find(({ from, to }) => folded.has(from) && from <= number && number <= to)
  const onward = (at: Moment): Moment | undefined => {
    // One that goes on for ever is gone through again and again.
    if (loop !== undefined && loop.repeatsFrom < end.number && at === end) return path[loop.repeatsFrom + 1]
    const next = session.nextOf(at)
    return next && (path[foldedAt(next.number)?.to ?? next.number] ?? next)
  }
  const fold = ({ from }: Episode): void => {
    const others = new Set(folded)
    if (!others.delete(from)) others.add(from)
    setFolded(others)
  }
  const isStory = episodes.length > 0 && episodes.every(({ from }) => folded.has(from))
  const take = (step: Parameters<Session['take']>[1]): void => go(session.take(here, step, 'you'))
  const remove = (branch: Moment): void => {
    const stands = session.stepsTo(here)
    const before = session.remove(branch)
    if (before !== branch && stands.length > before.number) setHere(session.pathThrough(before).includes(here) ? here : before)
    redraw(0)
  }
  const undo = (): void => {
    if (here.origin !== 'trace') go(session.remove(here))
    else back()
  }
  const walk = (): void => {
    let at = here
    for (let i = 0; i < RANDOM_STEPS; i++) {
      const all = nextSteps(session, at).flatMap(({ steps }) => steps)
      // That all is lost at once ends most walks, and tells little.
      const some = all.filter(({ step }) => step.kind !== 'lose-all')
      const from = some.length > 0 ? some : all
      const step = from[Math.floor(Math.random() * from.length)]
      if (step === undefined) break
      at = session.take(at, step.taken, 'random')
    }
    go(at)
  }
  const question = async (name: string, want: Asking['want']): Promise<void> => {
    if (checker === null) return
    const from = here
    setTab('properties')
    setChosen(name)
    setAsking({ property: name, want, from, searching: null, answer: null })
    const answer = await checker.ask({ property: name, want, after: session.traceTo(from), seconds: ASK_SECONDS }, searching =>
      setAsking({ property: name, want, from, searching, answer: null }),
    )
    setAsking({ property: name, want, from, searching: null, answer })
    if (answer.kind !== 'found' || answer.steps.length === 0) return
    const { end: reached, failed } = session.follow(from, answer.steps, 'answer')
    if (answer.again !== undefined && failed === null)
      session.repeat(reached, { property: name, repeatsFrom: from.number + answer.again.repeatsFrom, fair: answer.again.fair })
    session.look(reached)
    setHere(from)
    redraw(0)
  }
  /** To the step before this one that changed a field of a node last; or this one, if none did before. */
  const goTo = (name: string, field: string | null): void => {
    const valueAt = (moment: Moment): string => {
      const state = (moment.nodes[name] ?? moment.observers[name] ?? null) as { readonly [field: string]: never } | null
      return canonical(field === null || state === null ? state : (state[field] ?? null))
    }
    for (let moment = here.before !== null && valueAt(here) !== valueAt(here.before) ? here.before : here; moment.before !== null; moment = moment.before)
      if (valueAt(moment) !== valueAt(moment.before)) {
        setHere(moment)
        return
      }
    setHere(session.first)
  }

  // The address follows what is looked at, and is followed.
  useEffect(() => {
    let isOver = false
    const isAsOpened = here === session.first && end === opened.current && beginning === null
    // It takes all that may happen at each step of the way: so not while somebody runs through them.
    const timer = setTimeout(async () => {
      if (!isAsOpened) await findNames(session, here, () => isOver)
      if (isOver) return
      const found = isAsOpened ? ' ' : `#${await packed(addressText(session, here, beginning))}`
      if (isOver) return
      try {
        history.replaceState(null, '', found)
      } catch {
        // Where a page has no address of its own.
      }
    }, ADDRESS_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  })
  useEffect(() => {
    if (link === null) return
    if (link.text === null) return setNotice('The address is no link to an execution: what follows # is damaged.')
    if (link.lost !== null) return setNotice(link.lost)
    const { at, lost } = followText(session, link.text)
    setNotice(lost ?? session.refused)
    go(at)
  }, [link])

  useEffect(() => {
    if (!plays) return
    const timer = setInterval(() => {
      setHere(at => {
        const following = onward(at)
        if (following === undefined) setPlays(false)
        return following ?? at
      })
    }, PLAY_MS)
    return () => clearInterval(timer)
  }, [plays, folded])

  const actions: { readonly [key: string]: () => void } = {
    ArrowRight: forward,
    j: forward,
    ArrowLeft: back,
    k: back,
    Home: () => setHere(session.first),
    End: () => setHere(end),
    n: () => next.current?.querySelector<HTMLElement>('button')?.focus(),
    p: () => setPlays(!plays),
    r: () => session.walker !== null && walk(),
    u: undo,
    a: () => void (checker !== null && (chosen ?? property) !== '' && question(chosen ?? property, 'violation')),
    e: () => {
      const episode = episodes.find(({ from, to }) => from <= here.number && here.number <= to)
      if (episode !== undefined) fold(episode)
    },
    s: () => setFolded(new Set(isStory ? [] : episodes.map(({ from }) => from))),
    t: () => setIsRight(!isRight),
    c: () => setBase(base === here ? null : here),
    '1': () => setTab('properties'),
    '2': () => setTab('in flight'),
    '3': () => setTab('branches'),
    '4': () => setTab('step'),
    '?': () => help.current?.showModal(),
  }
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || help.current?.open === true) return
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })

  const truth = property === '' ? null : truthOf(session, here, property)
  // An explorer is about no property: it says of all which are violated.
  const broken = property === '' ? listed(session).flatMap(({ name }) => (truthOf(session, here, name).answer === 'violated' ? [name] : [])) : []
  const decided = chosen === null || session.walker === null ? [] : truthOf(session, here, chosen).decided
  const since = base ?? here.before ?? here
  // Of an execution that goes on for ever the property is violated by all of it.
  const isEndless = loop !== undefined && (end.origin !== 'trace' || session.refused === null)
  const mutant = session.about.mutant

  return (
    <div class="page">
      <header>
        <h1>
          {visible(data.title)}
          {mutant !== null && <span class="chip">mutant {visible(mutant)}</span>}
        </h1>{' '}
        <p class="why">
          {property !== '' && <strong>{ending}</strong>} {visibleProse(session.about.because ?? (property === '' ? (data.source ?? '') : ''))}
        </p>
        {notice !== null && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
          <p class="notice" role="alert" tabIndex={0}>
            {visibleProse(notice)}
          </p>
        )}
      </header>
      <nav class="bar" aria-label="Steps">
        <button type="button" onClick={actions['Home']} disabled={here.number === 0} aria-label="To the start" title="To the start (Home)">
          «
        </button>
        <button type="button" onClick={back} disabled={here.number === 0} aria-label="Step back" title="Step back (←)">
          ‹
        </button>
        <button type="button" onClick={forward} disabled={onward(here) === undefined} aria-label="Next step" title="Next step (→)">
          ›
        </button>
        <button type="button" onClick={actions['End']} disabled={here === end} aria-label="To the end" title="To the end (End)">
          »
        </button>
        <button type="button" onClick={actions['p']} aria-pressed={plays} title="Play (p)">
          {plays ? 'Pause' : 'Play'}
        </button>
        <output class="where" aria-live="polite">
          step <b>{here.number}</b> of {end.number}
        </output>
        <button type="button" aria-pressed={isRight} onClick={actions['t']} title="Time runs to the right (t)">
          Time →
        </button>
        {episodes.length > 0 && !isRight && (
          <button type="button" aria-pressed={isStory} onClick={actions['s']} title="Fold all episodes (s)">
            Story
          </button>
        )}
        <span class="grow" />
        {session.walker !== null && (
          <>
            <button type="button" onClick={walk} title={`${RANDOM_STEPS} random steps (r)`}>
              Random walk
            </button>
            <button type="button" onClick={undo} disabled={here.origin === 'trace'} title="Remove this step (u)">
              Undo
            </button>
          </>
        )}
        <button type="button" aria-pressed={base !== null} onClick={actions['c']} title="Show what has changed since this step (c)">
          {base === null ? 'Compare' : `Since step ${base.number}`}
        </button>
        <button type="button" onClick={actions['?']} title="Keys (?)">
          Keys
        </button>
      </nav>
      <main class={isRight ? 'right' : ''}>
        {isRight ? (
          <DiagramToTheRight trace={trace} path={path} here={here} violated={violated} go={go} />
        ) : (
          <Diagram trace={trace} path={path} here={here} violated={violated} episodes={episodes} folded={folded} go={go} fold={fold} />
        )}
        <div class="side">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <section class="step" aria-label="The step" aria-live="polite" tabIndex={0}>
            {here.step === null ? (
              <p>
                <b>At the start.</b> <span class="quiet">{initialText(withVisibleNames(session.about)) ?? 'Nothing has happened'}.</span>
              </p>
            ) : (
              <p>
                <b>
                  {here.number}. {stepText(here.step)}
                </b>
                {[emittedText(here.step), ...sentTexts(here.step).map(text => `sends ${text}`)].filter(Boolean).map(text => (
                  <span key={text} class="quiet">
                    ; {text}
                  </span>
                ))}
              </p>
            )}
            {broken.length > 0 && (
              <p class="verdict violated">
                ✗ {broken.join(', ')} {broken.length === 1 ? 'is' : 'are'} violated.
              </p>
            )}
            {isEndless && session.walker !== null && (
              <p class="verdict violated">
                ✗ {visible(loop.property)} is violated. {againText(trace)}
              </p>
            )}
            {truth !== null && session.walker !== null && !(isEndless && loop.property === property) && (
              <p class={`verdict ${truth.answer}`}>
                {truth.answer === 'violated'
                  ? `✗ ${property} is violated. ${truth.why ?? ''}`
                  : truth.answer === 'holds'
                    ? `✓ ${property} holds here.`
                    : truth.answer === 'open' && here.number === violated
                      ? `? ${property}: the trace says that it is violated from here on, which one state cannot show. Ask the checker (a).`
                      : `${property}: ${truth.why ?? truth.answer}`}
              </p>
            )}
          </section>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
          <section class="states" aria-label={`States, with what changed since step ${since.number}`} tabIndex={0}>
            <States here={here} base={since} stopped={session.stopped(here)} liars={liars} decided={decided} goTo={goTo} />
          </section>
          <div class={tab === 'step' || tab === 'coverage' ? 'below wide' : 'below'}>
            <div class="panel">
              <h2>What may happen next</h2>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
              <section class="scroll" ref={next} tabIndex={0} aria-label="Next steps">
                <Next session={session} here={here} beginnings={beginnings} take={take} />
              </section>
            </div>
            <div class="panel">
              <div role="tablist" aria-label="More">
                {tabs.map((name, i) => (
                  <button
                    key={name}
                    type="button"
                    role="tab"
                    id={`tab-${i}`}
                    aria-selected={tab === name}
                    aria-controls="panel"
                    title={`(${i + 1})`}
                    onClick={() => setTab(name)}
                  >
                    {name}
                    {name === 'branches' ? ` (${session.ends().length})` : ''}
                  </button>
                ))}
              </div>
              {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
              <div class="scroll" role="tabpanel" id="panel" aria-labelledby={`tab-${tabs.indexOf(tab)}`} tabIndex={0}>
                {tab === 'properties' && (
                  <Properties
                    session={session}
                    here={here}
                    chosen={chosen}
                    documentation={data.documentation}
                    asking={asking}
                    choose={setChosen}
                    question={question}
                    stop={() => checker?.stop()}
                    canAsk={checker !== null}
                    go={go}
                  />
                )}
                {tab === 'in flight' && <InFlight session={session} here={here} />}
                {tab === 'branches' && <Branches session={session} here={here} go={go} remove={remove} />}
                {tab === 'step' && (
                  <StepDetails session={session} ruled={ruled} data={data} here={here} path={path} violated={violated === null ? null : property} go={go} />
                )}
                {tab === 'coverage' && <Coverage files={data.coverage} />}
              </div>
            </div>
          </div>
        </div>
      </main>
      <dialog ref={help} aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {keys.map(([key, what]) => (
            <div key={key}>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        {data.command !== null && (
          <p>
            This page was made by <code>{visible(data.command)}</code>
          </p>
        )}
        <form method="dialog">
          <button type="submit">Close</button>
        </form>
      </dialog>
    </div>
  )
}
