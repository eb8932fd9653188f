/**
 * The two generals problem: two armies are to attack together, and their messengers may be caught.
 * M. Kleppmann, "Distributed Systems", University of Cambridge, 2025/26, slides "The two generals problem", "The Romeo and Juliet problem" and
 * "How should Romeo and Juliet decide?".
 */
import { Record } from 'immutable'
import { always, eachPair, family, type Here, type Id, type Proofs, type Protocol, reachable, type World } from '../../checker/index.ts'

/** The plan is message 0; each message after it acknowledges the one before. */
class Army extends Record({
  heard: -1, // the last message that it received
  sent: -1, // the last that it sent
  fate: 'waits' as 'waits' | 'attacks' | 'does not attack',
}) {}

type Roles = { army: { state: Army; inbox: { readonly type: 'Plan' } | { readonly type: 'Ack'; readonly number: number } } }

/**
 * The first army proposes a plan, and there are so many acknowledgements, in turn. "Send lots of messages to increase probability that one will get through": over this network
 * every message may arrive again and again, or never.
 */
export const twoGenerals = family({ acknowledgements: 2 }, ({ acknowledgements }) => {
  const message = (number: number) => (number === 0 ? ({ type: 'Plan' } as const) : ({ type: 'Ack', number } as const))
  /** Messages with an even number are the first army's. */
  const isSentBy = (number: number, army: Id<'army'>) => number % 2 === army.rank

  const hear = (a: Army, number: number, { self, others, rule, send }: Here<Roles, 'army'>): Army => {
    if (isSentBy(number, self) || !rule('it comes before dawn', a.fate === 'waits')) return a
    const heard = a.set('heard', Math.max(a.heard, number))
    if (number === acknowledgements) return heard
    send(others, message(number + 1))
    return heard.set('sent', Math.max(a.sent, number + 1))
  }

  return {
    name: 'two-generals',
    source: 'Kleppmann 2025/26, Distributed Systems, slides The two generals problem and How should Romeo and Juliet decide?',
    network: 'fair-loss',
    roles: {
      army: {
        count: 2,
        init: () => new Army(),
        actions: {
          propose: {
            when: (a, { self }) => isSentBy(0, self) && a.sent < 0 && a.fate === 'waits',
            do(a, { others, send }) {
              send(others, message(0))
              return a.set('sent', 0)
            },
          },
        },
        on: {
          Plan: (a, _, _from, here) => hear(a, 0, here),
          Ack: (a, { number }, _, here) => hear(a, number, here),
        },
      },
    },
    steps: {
      /**
       * Each attacks if it knows of the plan, and has all that it was to receive. That is Romeo's second choice: he "only goes into the forest if positive response from
       * Juliet is received". Without acknowledgements it is the first: he "always goes, even if no response is received".
       */
      dawn: {
        when: ({ all }) => all('army').every(({ fate }) => fate === 'waits'),
        do({ nodes, get, set, rule }) {
          for (const army of nodes.army) {
            const { sent, heard } = get(army)
            const knows = rule('it knows of the plan', sent >= 0 || heard >= 0)
            const last = isSentBy(acknowledgements, army) ? acknowledgements - 1 : acknowledgements
            const attacks = knows && rule('it has heard all that it waits for', heard >= last)
            set(army, get(army).set('fate', attacks ? 'attacks' : 'does not attack'))
          }
        },
      },
    },
    properties: {
      /** Nobody attacks without a plan. */
      planned: always(({ all }: World<Roles, string>) => all('army').every(({ fate }) => fate !== 'attacks' || all('army').some(({ sent }) => sent >= 0))),

      /** They do not differ but for the last message: it was sent, and did not arrive before dawn. Whoever sent it attacks. */
      onlyTheLastMatters: eachPair(
        'army',
        ({ fate, heard, sent }) => ({ attacks: fate === 'attacks', heard, sent }),
        (a, b) => !a.attacks || b.attacks || (a.sent === acknowledgements && b.heard < acknowledgements),
      ),

      /** "City captured." */
      cityCaptured: reachable(always(({ all }: World<Roles, string>) => all('army').every(({ fate }) => fate === 'attacks'))),

      /** "Nothing happens", though there is a plan. */
      nothingHappens: reachable(
        always(
          ({ all }: World<Roles, string>) =>
            acknowledgements === 0 || (all('army').some(({ sent }) => sent >= 0) && all('army').every(({ fate }) => fate === 'does not attack')),
        ),
      ),
    },
  } satisfies Protocol<Roles>
})

export const proofs = [{}, { acknowledgements: 0 }, { acknowledgements: 6 }] satisfies Proofs<typeof twoGenerals>
