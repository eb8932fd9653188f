import type { Change } from '../support/changed-specs.ts'

/** By protocol: eventual consistency. */
export const changes: { readonly [protocol: string]: readonly Change[] } = {
  'crdt-map-op': [
    { does: 'a new timestamp is no later', from: 'time: n.app.clock + 1', to: 'time: n.app.clock', breaks: 'newTimestamp', steps: 2 },
    { does: 'a set leaves the clock', from: 'clock: t.time, made', to: 'made', breaks: 'newTimestamp', steps: 2 },
    { does: 'the clock goes back', from: 'Math.max(n.clock, t.time)', to: 't.time', breaks: 'newTimestamp', steps: 5 },
    {
      does: 'of equal times each is less',
      from: 'a.time < b.time ||',
      to: 'a.time <= b.time ||',
      breaks: 'convergence',
      steps: 6,
      at: { sets: 1 },
    },
    { does: 'ties are broken the other way', from: 'rank(a) < rank(b)', to: 'rank(a) > rank(b)', harmless: 'That is a total order as well.' },
    {
      does: 'the previous is that of any key',
      from: 'n.values.filter(other => other.k === k)',
      to: 'n.values',
      breaks: 'lastWriterWins',
      steps: 4,
      at: { keys: 2 },
    },
    {
      does: 'of an update that is not later, the time is not heard',
      from: 'isLess(other.t, t)))) return seen',
      to: 'isLess(other.t, t)))) return n',
      harmless: 'The clock is as late as what is there already, and that is later.',
    },
  ],
  'crdt-map-state': [
    { does: 'a new timestamp is no later', from: 'time: n.clock + 1', to: 'time: n.clock', breaks: 'newTimestamp', steps: 2 },
    { does: 'the clock goes back', from: 'Math.max(clock, t.time)', to: 't.time', breaks: 'newTimestamp', steps: 5 },
    {
      does: 'the previous stays',
      from: 'n.values.filter(({ k }) => k !== triple.k).add(triple)',
      to: 'n.values.add(triple)',
      breaks: 'lastWriterWins',
      steps: 2,
    },
    {
      does: 'a set clears the map',
      from: 'n.values.filter(({ k }) => k !== triple.k).add(triple)',
      to: 'n.values.clear().add(triple)',
      breaks: 'lastWriterWins',
      steps: 3,
      at: { sets: 1, keys: 2 },
    },
    { does: 'what arrives is passed over', from: 'latest(s1.union(s2))', to: 'latest(s2.isEmpty() ? s2 : s1)', breaks: 'lastWriterWins', steps: 2 },
    { does: 'who sets a key sends what was there before', from: 'broadcast(message(next))', to: 'broadcast(message(n))', harmless: 'Anti-entropy sends it.' },
    {
      does: 'only who has set something sends it again',
      from: 'when: n => !n.values.isEmpty()',
      to: 'when: n => !n.made.isEmpty()',
      harmless: 'What it has set, or what is later, reaches the others from itself.',
    },
  ],
  'crdt-text': [
    { does: 'the sum of the positions is not halved', from: '2 * b * d', to: 'b * d', breaks: 'inItsPlace', steps: 1 },
    { does: 'the position of the second neighbour does not count', from: 'a * d + c * b, 2', to: 'a * d, 2', breaks: 'inItsPlace', steps: 1 },
    {
      does: 'a character is deleted that stands before',
      from: 'sorted(chars).get(index + 1) as Char\n              const u',
      to: 'sorted(chars).get(index) as Char\n              const u',
      breaks: 'whatIsThere',
      steps: 2,
    },
    {
      does: 'of names, positions alone are compared',
      from: 'compare(a.p, b.p) || rank(a) - rank(b) || a.number - b.number',
      to: 'compare(a.p, b.p)',
      breaks: 'unique',
      steps: 3,
    },
    {
      does: 'the later node comes first',
      from: 'rank(a) - rank(b) ||',
      to: 'rank(b) - rank(a) ||',
      harmless: 'That is an order as well, and the same everywhere.',
    },
    {
      does: 'a name is numbered by the length of the text',
      from: '? made.size : 0',
      to: '? chars.size : 0',
      breaks: 'convergence',
      steps: 8,
      at: { updates: 3 },
      slow: true,
    },
    { does: 'nothing is deleted', from: '!isNamed(char, u.char)', to: 'char !== u.char || isNamed(char, u.char)', breaks: 'whatIsThere', steps: 2 },
  ],
}
