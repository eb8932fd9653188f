import { render } from 'preact'
import { config } from 'zod/mini'
import type { AnyProtocol } from '../checker/protocol/protocol.ts'
import { judgeWalked, replayText, walkTrace } from '../checker/trace/replay.ts'
import type { Trace } from '../checker/trace/trace.ts'
import { withVisibleNames } from '../checker/trace/visible-names.ts'
import { Checker } from './checker.ts'
import type { PageData } from './page-data.ts'
import { type RuledWalker, ruledWalker } from './session/rules.ts'
import { Session } from './session/session.ts'
import { Pages } from './view/pages.tsx'

/** Starts the page. @param make the protocol; null where it could not be put into the page */
export const start = (make: (() => AnyProtocol) | null): void => {
  // The page forbids code that is made of text.
  config({ jitless: true })
  const data = JSON.parse(textOf('data')) as PageData
  const { session, ruled } = begin(data, make)
  const root = document.getElementById('page') as HTMLElement
  root.textContent = ''
  render(<Pages data={data} session={session} ruled={ruled} checker={ruled === null ? null : new Checker(() => textOf('checker'))} />, root)
}

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? ''

const begin = ({ trace, mutant, without }: PageData, make: (() => AnyProtocol) | null): { readonly session: Session; readonly ruled: RuledWalker | null } => {
  const only = (shown: Trace | null, why: string) => {
    if (shown === null) throw new Error(why)
    return { session: Session.of(withVisibleNames(shown), why), ruled: null }
  }
  if (make === null) return only(trace, without ?? 'The protocol is not in this page.')
  try {
    const protocol = make()
    const ruled = ruledWalker(protocol)
    if (trace === null) return { session: Session.begin(ruled.walker, ruled.walker.initial(), mutant), ruled }
    const walked = walkTrace(ruled.walker, trace)
    if ('kind' in walked) return only(trace, `The protocol has changed since this was saved. ${replayText(walked, trace)}`)
    // Of one that ends the page itself says at each step whether the property holds.
    const endless = trace.repeatsFrom === undefined ? null : judgeWalked(ruled.walker, trace, walked)
    if (endless?.kind === 'impossible') return only(trace, replayText(endless, trace))
    const refused = endless === null || endless.kind === 'violates' ? null : replayText(endless, trace)
    return { session: Session.walked(trace, ruled.walker, walked, refused), ruled }
  } catch (error) {
    return only(trace, `The protocol does not work in this page: ${error instanceof Error ? error.message : String(error)}`)
  }
}
