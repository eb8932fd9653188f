import type { Change } from '../support/changed-specs.ts'

/** What two can agree on over links that lose messages. */
export const changes: { readonly [protocol: string]: readonly Change[] } = {
  'two-generals': [
    {
      does: 'an army waits for one message less',
      from: '? acknowledgements - 1 : acknowledgements',
      to: '? acknowledgements - 2 : acknowledgements - 1',
      harmless: 'The message before the one that it waits for is its own.',
    },
    {
      does: 'an army waits for its last message but one',
      from: '? acknowledgements - 1 : acknowledgements',
      to: '? acknowledgements - 3 : acknowledgements - 2',
      breaks: 'onlyTheLastMatters',
      steps: 2,
    },
    {
      does: 'an army waits for its own messages',
      from: '? acknowledgements - 1 : acknowledgements',
      to: '? acknowledgements : acknowledgements',
      breaks: 'cityCaptured',
    },
    {
      does: 'one acknowledgement too many is sent',
      from: 'if (number === acknowledgements) return heard',
      to: 'if (number > acknowledgements) return heard',
      harmless: 'Nobody waits for it.',
    },
    {
      does: 'an army hears its own messages',
      from: 'if (isSentBy(number, self) || !rule',
      to: 'if (!rule',
      harmless: 'A message goes to the other army only, so it never receives one that it sent.',
    },
    {
      does: 'the first army proposes again and again',
      from: 'isSentBy(0, self) && a.sent < 0 &&',
      to: 'isSentBy(0, self) && a.sent <= 0 &&',
      harmless: 'What was sent is in flight again and again as it is.',
    },
    {
      does: 'each army may propose',
      from: 'when: (a, { self }) => isSentBy(0, self) &&',
      to: 'when: (a, { self }) => self.rank >= 0 &&',
      harmless: 'The first army does not heed a plan that is not its own.',
    },
    {
      does: 'what was heard last counts, not what is highest',
      from: "a.set('heard', Math.max(a.heard, number))",
      to: "a.set('heard', number)",
      breaks: 'onlyTheLastMatters',
      steps: 7,
      at: { acknowledgements: 3 },
    },
  ],
  'online-shop': [
    {
      does: 'a late "refunded" is heeded',
      from: "Refunded: s => (s.state === 'refunding' ?",
      to: "Refunded: s => (s.state !== 'open' ?",
      harmless: 'It answers a request to refund, so the shop waits for it, or has had it.',
    },
    {
      does: 'who is declined dispatches',
      from: "Declined: s => (s.state === 'charging' ? s.set('state', 'declined') : s)",
      to: "Declined: s => (s.state === 'charging' ? s.set('state', 'charged') : s)",
      breaks: 'neverDispatchedUncharged',
      steps: 4,
    },
    {
      does: 'a refund is not asked for again',
      from: "s.state === 'charging' || s.state === 'refunding'",
      to: "s.state === 'charging'",
      breaks: 'neverChargedInVain',
      steps: 5,
    },
    {
      does: 'a charge is not asked for again',
      from: "s.state === 'charging' || s.state === 'refunding'",
      to: "s.state === 'refunding'",
      breaks: 'neverChargedInVain',
      steps: 3,
    },
    {
      does: 'a refund leaves what was taken',
      from: "p.merge({ state: 'refunded', taken: p.taken - 1 })",
      to: "p.merge({ state: 'refunded', taken: p.taken })",
      breaks: 'paidOnce',
      steps: 5,
    },
    {
      does: 'a refund is forgotten, and a late charge charges again',
      from: "p.merge({ state: 'refunded', taken: p.taken - 1 })",
      to: "p.merge({ state: 'none', taken: p.taken - 1 })",
      breaks: 'neverChargedInVain',
      steps: 8,
    },
    {
      does: 'a request that comes again is not answered',
      from: "if (state === 'charged' || state === 'declined') send(from",
      to: 'if (isFirst) send(from',
      breaks: 'neverChargedInVain',
      steps: 3,
    },
    {
      does: 'a charge that comes after the refund is answered',
      from: "if (state === 'charged' || state === 'declined') send(from",
      to: 'if (p.taken >= 0) send(from',
      harmless: 'The answer is "declined" then, and the shop no longer waits for one.',
    },
  ],
}
