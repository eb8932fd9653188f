/**
 * The view service: a server that decides who is primary and who is backup, and never has more than one primary in a view.
 * Lecture "Primary-Backup", slides "View server", "Transitioning between views", "Split Brain?", "Server S2 in the old view" and "… in the new view".
 */
import { Record, Set } from 'immutable'
import {
  always,
  crashRecovery,
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

type Event = { readonly type: 'ack'; readonly num: number } | { readonly type: 'newView'; readonly num: number }

/** "Only promote a previous backup": the primary of a view was primary or backup of the view before, if there was one. */
export const mayLead = (server: Server, view: View) => view.num === 0 || server === view.primary || server === view.backup

export const RULE_PRIMARY = 'the primary was primary or backup before'
export const RULE_ACK = 'the view was acknowledged'

/** Is it time for another view: has the primary or the backup died, or can a backup be had? */
const wantsNewView = ({ view, alive }: ViewServer, { nodes: { server } }: Place<Roles>) =>
  [view.primary, view.backup].some(s => (s === null ? server.some(other => alive.has(other) && other !== view.primary) : !alive.has(s)))

/** Who may be the primary of the next view: the present one if it lives, or else the backup. */
const candidates = ({ view, alive }: ViewServer, { nodes: { server }, rule }: Place<Roles>) => {
  const living = server.filter(s => alive.has(s) && rule(RULE_PRIMARY, mayLead(s, view)))
  const stays = living.filter(s => s === view.primary)
  return stays.length > 0 ? stays : living
}

/** Hears which views are made and which are acknowledged, for `noViewBeforeAck`. */
class Acknowledgements extends Record({ num: 0, acked: true, violation: null as number | null }) {}

const acknowledgements: Observer<Event, Acknowledgements> = {
  init: new Acknowledgements(),
  on: (seen, { type, num }) => {
    if (type === 'newView') return seen.merge({ num, acked: false, violation: seen.acked ? seen.violation : num })
    return num === seen.num ? seen.set('acked', true) : seen
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
              when: (v, here) => wantsNewView(v, here) && here.rule(RULE_ACK, v.acked),
              do(v, here) {
                const primary = here.choose(candidates(v, here))
                const spares = here.nodes.server.filter(s => s !== primary && v.alive.has(s))
                const kept = spares.filter(s => s === v.view.backup)
                const backup = spares.length === 0 ? null : here.choose(kept.length > 0 ? kept : spares)
                const view = new View({ num: v.view.num + 1, primary, backup })
                here.emit({ type: 'newView', num: view.num })
                here.send(here.nodes.server, { type: 'ViewChange', view })
                return v.merge({ view, acked: false })
              },
            },
          },
          on: {
            Ping: (v, _, from: Server) => v.set('alive', v.alive.add(from)),
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
            // "New primary must ack new view once new backup is up-to-date": here there is nothing to bring up to date. Old news is no news.
            ViewChange(s, { view }, from, { self, emit, send }) {
              if (view.num <= s.num) return s
              if (view.primary === self) {
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

        /** No new view before the primary of the current one has acknowledged it. */
        noViewBeforeAck: observed('acknowledgements', kept),

        /** Two servers may both think that they are primary, in different views (slide "Server S2 in the old view"). */
        outdatedPrimary: reachable(always(({ nodes, get }) => nodes.server.filter(s => get(s).primary === s).length > 1)),

        lastView: reachable(
          some(
            'viewServer',
            v => v.view.num,
            num => num === views,
          ),
        ),
      },
    }) satisfies Protocol<Roles, Event>,
)
