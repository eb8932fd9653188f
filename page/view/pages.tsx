import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Checker } from '../checker.ts'
import type { PageData } from '../page-data.ts'
import { beginningIn, type Link } from '../session/address.ts'
import { Sessions } from '../session/beginnings.ts'
import { unpacked } from '../session/packed.ts'
import type { RuledWalker } from '../session/rules.ts'
import type { Session } from '../session/session.ts'
import { Page } from './page.tsx'

const hasLink = (): boolean => location.hash.length > 1

/** The page of each initial state: the address, or the person, says which one. */
export const Pages = ({
  data,
  session,
  ruled,
  checker,
}: {
  readonly data: PageData
  readonly session: Session
  readonly ruled: RuledWalker | null
  readonly checker: Checker | null
}) => {
  const sessions = useMemo(() => new Sessions(session), [session])
  const [shown, setShown] = useState<{ readonly place: number; readonly link: Link | null } | null>(() =>
    hasLink() ? null : { place: sessions.own, link: null },
  )
  useEffect(() => {
    const follow = async (): Promise<void> => {
      if (!hasLink()) return
      const text = await unpacked(location.hash.slice(1))
      const beginning = text === null ? null : beginningIn(text)
      const place = sessions.beginnings.findIndex(one => one.text === beginning)
      const lost =
        beginning === null || place !== -1
          ? null
          : `The link begins otherwise, and that is no initial state any more: ${beginning}. What is shown begins as the protocol does now.`
      setShown({ place: place === -1 ? sessions.own : place, link: { text, lost } })
    }
    follow()
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  if (shown === null) return null
  const { place, link } = shown
  return (
    <Page
      key={place}
      data={data}
      session={sessions.at(place)}
      ruled={ruled}
      checker={checker}
      link={link}
      beginning={place === sessions.own ? null : (sessions.beginnings[place]?.text ?? null)}
      beginnings={sessions.beginnings.map(({ text }, i) => ({ text, isHere: i === place, begin: () => setShown({ place: i, link: null }) }))}
    />
  )
}
