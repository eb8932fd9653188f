import { type Mutants, withAction, withHandler } from '../../checker/index.ts'
import { crdtText, fraction, sorted, type Update } from './protocol.ts'

export const mutants = {
  asOnTheSlides: {
    because:
      'A character is named by (p, n) alone. A node that inserts, deletes and inserts again at one place gives a name twice; who deletes the first deletes the second, or not.',
    breaks: 'convergence',
    parameters: { updates: 3, others: 1 },
    length: 8,
    change: () => crdtText({ updates: 3, others: 1, name: 'node' }),
  },
  onlyReliable: {
    because: 'The broadcast is not causal: a character is deleted before it is inserted, and then stays.',
    breaks: 'convergence',
    length: 4,
    change: () => crdtText({ over: 'reliable' }),
  },
  noNode: {
    because: 'The name of a character does not say who inserted it: two that are inserted at one place have the same.',
    breaks: 'unique',
    length: 3,
    change: () => crdtText({ name: 'nothing' }),
  },
  renumbers: {
    because: 'A node makes room: it spreads its characters evenly, as often as another comes.',
    breaks: 'sameOrder',
    length: 6,
    change: spec =>
      withHandler(spec, 'node', 'Packet', Packet => (site, message, from, here) => {
        const next = Packet(site, message, from, here)
        const { chars } = next.app
        const spread = sorted(chars).map((char, i) => char.set('p', fraction(i, chars.size - 1)))
        return next.set('app', next.app.set('chars', spread.toSet()))
      }),
  },
  appends: {
    because: 'A node puts what it receives at the end of its text.',
    breaks: 'whatIsThere',
    length: 2,
    change: spec =>
      withHandler(spec, 'node', 'Packet', Packet => (site, message, from, here) => {
        const next = Packet(site, message, from, here)
        return next.set(
          'app',
          next.app.set(
            'chars',
            next.app.chars.map(char => (site.app.chars.has(char) ? char : char.set('p', fraction(1, 1)))),
          ),
        )
      }),
  },
  shownElsewhere: {
    because: 'A node shows what its user inserts at the end of the text, wherever he inserts it.',
    breaks: 'inItsPlace',
    length: 1,
    change: spec =>
      withAction(spec, 'node', 'insert', ({ when, do: insert }) => ({
        when,
        do(site, here) {
          const next = insert(site, here)
          return next.set(
            'app',
            next.app.set(
              'chars',
              next.app.chars.map(char => (site.app.chars.has(char) ? char : char.set('p', fraction(1, 1)))),
            ),
          )
        },
      })),
  },
  anonymous: {
    because: 'Who deletes a character does not say who he is: two who delete the same one say the same.',
    breaks: 'signs',
    length: 2,
    change: spec =>
      withAction(spec, 'node', 'delete', ({ when, do: remove }) => ({
        when,
        do(site, here) {
          const next = remove(site, here)
          return next.set(
            'app',
            next.app.update('made', made => made.pop().push((made.last() as Update).set('by', null))),
          )
        },
      })),
  },
  doesNotRetry: {
    because: 'The links do not retry, so that a node may miss an update for ever.',
    breaks: 'eventualDelivery',
    length: 2,
    change: spec => withAction(spec, 'node', 'repeat', repeat => ({ ...repeat, when: () => false })),
  },
} satisfies Mutants<typeof crdtText>
