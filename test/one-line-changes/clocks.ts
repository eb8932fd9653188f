import type { Change } from '../support/changed-specs.ts'

/** By protocol: clocks at work, and the CAP theorem. */
export const changes: { readonly [protocol: string]: readonly Change[] } = {
  'distributed-make': [
    { does: 'of two clocks the lower counts', from: 'Math.max(own, heard)', to: 'Math.min(own, heard)', breaks: 'rebuilt', steps: 17 },
    { does: 'a receipt takes no time', from: ': own) + 1', to: ': own)', breaks: 'rebuilt', steps: 17 },
    { does: 'what is as old is rebuilt', from: 'object.time < source.time', to: 'object.time <= source.time', breaks: 'notInVain', steps: 3 },
    {
      does: 'an object is said to be of the version before',
      from: 'of: source.version, time',
      to: 'of: source.version - 1, time',
      breaks: 'rebuilt',
      steps: 12,
    },
    { does: 'the file server forgets objects', from: 'f.merge({ clock: time, object })', to: "f.set('clock', time)", breaks: 'again' },
    { does: 'make answers nobody', from: "m.merge({ state: 'idle', clock", to: "m.merge({ state: 'builds', clock", breaks: 'rests', steps: 5 },
    {
      does: 'a source has the time before its receipt',
      from: 'version: source.version + 1, time, saw',
      to: 'version: source.version + 1, time: e.clock, saw',
      breaks: 'rebuilt',
      steps: 17,
    },
  ],
  'event-log-merge': [
    { does: 'later entries go first', from: 'precedes(entry.stamp, stamp)', to: 'precedes(stamp, entry.stamp)', breaks: 'keepsEachNode', steps: 4 },
    {
      does: 'only times count',
      from: 'a.t < b.t || (a.t === b.t && rank(a) < rank(b))',
      to: 'a.t < b.t',
      harmless: 'Entries with one time are concurrent: either may go first.',
    },
    {
      does: 'an entry goes after the one that it belongs before',
      from: 'merged.insert(place, entry)',
      to: 'merged.insert(place + 1, entry)',
      breaks: 'keepsEachNode',
      steps: 4,
    },
    { does: 'an entry takes the place of another', from: 'merged.insert(place, entry)', to: 'merged.set(place, entry)', breaks: 'isComplete', steps: 3 },
    { does: 'a node does not number its events', from: 'number: events++', to: 'number: events', breaks: 'keepsEachNode', steps: 4 },
    {
      does: 'an entry is of the sender',
      from: 'stamp: event.timestamp, number',
      to: "stamp: event.timestamp.update('t', t => t - 1), number",
      harmless: 'All times are one less.',
    },
  ],
  'update-order': [
    {
      does: 'a tweet is shown as a block',
      from: "does === 'block' ? 'blocked' : 'tweeted'",
      to: "does === 'block' ? 'tweeted' : 'blocked'",
      breaks: 'inOrder',
      steps: 2,
    },
    { does: 'what is shown is taken back', from: "'tweeted', true)", to: "'tweeted', does === 'block')", breaks: 'arrives', steps: 0 },
    { does: 'the user does not wait for the block', from: 'app.blocked || !waits', to: 'app.blocked || waits', breaks: 'inOrder', steps: 2 },
    { does: 'both are done at one replica', from: 'self.rank === 1', to: 'self.rank === 0', breaks: 'arrives', steps: 0 },
    {
      does: 'the second update is called the third',
      from: "new Update({ does: 'tweet' })",
      to: "new Update({ does: 'tweet', number: 2 })",
      breaks: 'arrives',
      steps: 0,
      at: { nodes: 2, over: 'leader' },
    },
    { does: 'the block is not asked for', from: 'self.rank === 0 && !app.asked', to: 'self.rank < 0 && !app.asked', breaks: 'arrives', steps: 0 },
  ],
  cap: [
    { does: 'nothing is ever cut off', from: '{ atMost: 1, heals }', to: '{ atMost: 0, heals }', breaks: 'asksTheFew' },
    { does: 'nobody is cut off but a replica', from: '{ replica: 1, reader: 1 }', to: '{ replica: 1 }', breaks: 'asksTheFew' },
    {
      does: 'the store asks a quorum, whatever it prefers',
      from: 'isConsistent ? store : local',
      to: 'isConsistent ? store : store',
      breaks: 'available',
      steps: 2,
      at: { prefers: 'availability' },
    },
    {
      does: 'the store answers by itself, whatever it prefers',
      from: 'isConsistent ? store : local',
      to: 'isConsistent ? local : local',
      breaks: 'consistent',
      steps: 6,
    },
    { does: 'any replica is most of them', from: '> nodes.replica.length / 2', to: '> 0', breaks: 'availableToMost', steps: 2 },
    {
      does: 'a set may wait for a quorum',
      from: "'a quorum stores what is written'",
      to: "'a quorum is asked for the timestamp'",
      harmless: 'Only readers are cut off, so a set reaches two of three replicas.',
    },
  ],
}
