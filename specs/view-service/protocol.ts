/**
 * The view service: a server that decides who is primary and who is backup, and never has more than one primary in a view.
 * Lecture "Primary-Backup", slides "View server", "Transitioning between views", "Split Brain?", "Server S2 in the old view" and "… in the new view".
 */
import { is, Record, Set } from 'immutable'
import {
  always,
  canAlways,
  crashRecovery,
  each,
  eachPair,
  family,
  type Id,
  kept,
  type Observer,
  observed,
  type Place,
  type Protocol,
  reachable,
  some,
  somePair,
  step,
} from '../../checker/index.ts'

type Server = Id<'server'>

/** Slide "View server": view = (view #, primary server, backup server). Number 0: there is no view yet. */
export class View extends Record({
  num: 0,
  primary: null as Server | null,
  backup: null as Server | null,
}) {}

class ViewServer extends Record({
  view: new View(),
  acked: true, // has the primary acknowledged this view?
  alive: Set<Server>(), // who has pinged since it was last given up
}) {}

type Roles = {
  viewServer: { state: ViewServer; inbox: { readonly type: 'Ping' } | { readonly type: 'Ack'; readonly num: number } }
  /** What a server remembers is its idea of the current view. */
  server: { state: View; inbox: { readonly type: 'ViewChange'; readonly view: View } }
}

type Event = { readonly type: 'ack'; readonly num: number } | { readonly type: 'newView'; readonly num: number; readonly primary: Server }

/** "Only promote a previous backup": the primary of a view was primary or backup of the view before, if there was one. */
export const mayLead = (server: Server, view: View) => view.num === 0 || server === view.primary || server === view.backup

export const RULE_PRIMARY = 'the primary was primary or backup before'
export const RULE_ACK = 'the view was acknowledged'

/** Is it time for another view: has the primary or the backup died, or can a backup be had? */
const wantsNewView = ({ view, alive }: ViewServer, { nodes: { server } }: Place<Roles>) =>
  [view.primary, view.backup].some(s => (s === null ? server.some(other => alive.has(other) && other !== view.primary) : !alive.has(s)))

/** Who may be the primary of the next view. If the present one lives, its backup does not, or there would be no need for another view: so it stays. */
const candidates = ({ view, alive }: ViewServer, { nodes: { server }, rule }: Place<Roles>) =>
  server.filter(s => rule('the primary is alive', alive.has(s)) && rule(RULE_PRIMARY, mayLead(s, view)))

/** Hears which views are made and which their primaries acknowledge, for `noViewBeforeAck`. */
class Acknowledgements extends Record({ num: 0, primary: null as Id | null, acked: true, violation: null as number | null }) {}

const acknowledgements: Observer<Event, Acknowledgements> = {
  init: new Acknowledgements(),
  on: (seen, event, from) => {
    const { num } = event
    if (event.type === 'newView') return seen.merge({ num, primary: event.primary, acked: false, violation: seen.acked ? seen.violation : num })
    return num === seen.num && from === seen.primary ? seen.set('acked', true) : seen
  },
}

export const viewService = family(
  { servers: 3, views: 4, restarts: 1 },
  ({ servers, views, restarts }) =>
    ({
      name: 'view-service',
      source: 'Lecture Primary-Backup, slides View server, Transitioning between views, Split Brain?',
      network: 'fair-loss',
      // A server that is silent, cut off, or has stopped for good cannot be told from a slow one, which needs no fault.
      faults: [crashRecovery('server', { atMost: restarts })],
      roles: {
        viewServer: {
          count: 1,
          init: () => new ViewServer(),
          actions: {
            // A timer has no length here: a server may be given up at any time, whether it is silent or only slow.
            timeout: {
              when: v => v.alive.size > 0,
              do: (v, { choose, nodes }) => v.set('alive', v.alive.delete(choose(nodes.server.filter(s => v.alive.has(s))))),
            },

            // "View server cannot move to (another) new view until ack, even if new primary has or appears to have failed";
            // "View server sends view-change message to all".
            newView: {
              when: (v, here) => here.rule('the primary or the backup is dead or missing', wantsNewView(v, here)) && here.rule(RULE_ACK, v.acked),
              do(v, here) {
                const primary = here.choose(candidates(v, here))
                const spares = here.nodes.server.filter(
                  s => here.rule('the backup is another', s !== primary) && here.rule('the backup is alive', v.alive.has(s)),
                )
                const backup = spares.length === 0 ? null : here.choose(spares)
                const view = new View({ num: v.view.num + 1, primary, backup })
                here.emit({ type: 'newView', num: view.num, primary })
                here.send(here.nodes.server, { type: 'ViewChange', view })
                return v.merge({ view, acked: false })
              },
            },
          },
          on: {
            // Whoever pings is told the view: the message to all may have been lost.
            Ping(v, _, from: Server, { send }) {
              if (v.view.num > 0) send(from, { type: 'ViewChange', view: v.view })
              return v.set('alive', v.alive.add(from))
            },
            Ack: (v, { num }) => (num === v.view.num ? v.set('acked', true) : v),
          },
          within: v => v.view.num <= views,
        },

        server: {
          count: servers,
          names: ['A', 'B', 'C', 'D', 'E'].slice(0, servers),
          init: () => new View(),
          // A server that restarts has forgotten its view. (That it has forgotten its data, too, is for the protocol above this one.)
          recover: () => new View(),
          actions: {
            ping: {
              do(s, { nodes, send }) {
                send(nodes.viewServer, { type: 'Ping' })
                return s
              },
            },
          },
          on: {
            // "New primary must ack new view once new backup is up-to-date": here there is nothing to bring up to date. Old news is no news. A primary
            // that is told its view again acknowledges it again: the acknowledgement may have been lost.
            ViewChange(s, { view }, from, { self, emit, rule, send }) {
              if (!rule('the view is not older', view.num >= s.num)) return s
              if (rule('its primary acknowledges a view', view.primary === self)) {
                send(from, { type: 'Ack', num: view.num })
                emit({ type: 'ack', num: view.num })
              }
              return view
            },
          },
        },
      },

      observers: { acknowledgements },

      properties: {
        /** One primary per view: whoever knows a view knows the same one. */
        onePrimaryPerView: eachPair(
          'server',
          s => s,
          (a, b) => a.num !== b.num || a.primary === b.primary,
        ),

        /** The primary of view i + 1 was primary or backup in view i. */
        onlyPromotesBackups: step(
          'viewServer',
          ({ view: before }, { view: after }) => after.num === before.num || (after.primary !== null && mayLead(after.primary, before)),
        ),

        /** A primary needs another server for its backup. */
        primaryIsNotBackup: each(
          'viewServer',
          v => v.view.primary === null || v.view.primary !== v.view.backup,
          isAnother => isAnother,
        ),

        /** "View server decides who is primary, who is backup" by who pings: a new view is of servers that live, as far as it knows. */
        onlyTheLiving: step(
          'viewServer',
          ({ view: before, alive }, { view: after }) => after.num === before.num || [after.primary, after.backup].every(s => s === null || alive.has(s)),
        ),

        /** Whoever lives keeps its place, or is promoted: state is not moved without need. */
        keepsTheLiving: step('viewServer', ({ view: before, alive }, { view: after }) => {
          if (after.num === before.num || before.primary === null) return true
          const primaryStays = !alive.has(before.primary) || after.primary === before.primary
          const backupStays = before.backup === null || !alive.has(before.backup) || after.primary === before.backup || after.backup === before.backup
          return primaryStays && backupStays
        }),

        /** A new view has a reason: its primary or its backup is another. */
        changesWithReason: step(
          'viewServer',
          ({ view: before }, { view: after }) => after.num === before.num || after.primary !== before.primary || after.backup !== before.backup,
        ),

        /** View i is followed by view i + 1. */
        numbersFollow: step('viewServer', ({ view: before }, { view: after }) => after.num === before.num || after.num === before.num + 1),

        /** A server does not go back to an earlier view, unless it restarts and has none. */
        neverGoesBack: step('server', (before, after) => after.num >= before.num || after.num === 0),

        /** No new view before the primary of the current one has acknowledged it. */
        noViewBeforeAck: observed('acknowledgements', kept),

        /** As long as its primary is there, a view can be acknowledged, whatever was lost: the view server is not stuck. */
        canBeAcknowledged: canAlways(
          each(
            'viewServer',
            v => v.acked,
            acked => acked,
          ),
        ),

        /** Two servers may both think that they are primary, in different views (slide "Server S2 in the old view"). */
        outdatedPrimary: reachable(always(({ nodes, get }) => nodes.server.filter(s => get(s).primary === s).length > 1)),

        /** The backup of a view leads the next one, with a third as its backup. */
        backupTakesOver: reachable(
          always(({ nodes, get }) =>
            nodes.server.some(
              s =>
                get(s).primary === s && get(s).num > 1 && get(s).backup !== null && nodes.server.some(old => get(old).primary === old && get(old).backup === s),
            ),
          ),
        ),

        /** The views of slide "View server": (1, S1, S2), (2, S2, −), (3, S2, S3). */
        viewsOfTheSlide: reachable(
          always(({ nodes: { server }, get }) => {
            const isKnown = (num: number, primary: Server, backup: Server | null) => server.some(s => is(get(s), new View({ num, primary, backup })))
            return (
              views < 3 ||
              server.some(s1 => server.some(s2 => isKnown(1, s1, s2) && isKnown(2, s2, null) && server.some(s3 => s3 !== s1 && isKnown(3, s2, s3))))
            )
          }),
        ),

        /** A primary stays when its backup is replaced. */
        primaryStays: reachable(
          somePair(
            'server',
            s => s,
            (a, b) => a.num > 0 && b.num === a.num + 1 && b.primary === a.primary && b.backup !== null && a.backup !== null && b.backup !== a.backup,
          ),
        ),

        /** All servers may be silent: the view server makes no view then. */
        nobodyLives: reachable(
          some(
            'viewServer',
            v => v.view.num > 0 && v.alive.isEmpty(),
            isEmpty => isEmpty,
          ),
        ),

        /** Every server comes to know the last view: primary, backup, and who is neither. */
        lastView: reachable(
          each(
            'server',
            s => s.num,
            num => num === views,
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)
