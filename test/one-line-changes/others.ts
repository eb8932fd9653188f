import type { Change } from '../support/changed-specs.ts'

const fifo = 'fifo-broadcast/protocol.ts'
const causal = 'causal-broadcast/protocol.ts'
const twoNodes = { nodes: 2 }
const oneRequest = { processes: 2, requests: 1, maxClock: Infinity }

/** By protocol: those that the review of the properties named. */
export const changes: { readonly [protocol: string]: readonly Change[] } = {
  'two-phase-commit': [
    {
      does: 'who has aborted responds "ok"',
      from: "|| rule('it has not aborted', r.state === 'working')",
      to: "|| r.state !== 'committed'",
      breaks: 'irrevocable',
      steps: 3,
    },
    { does: 'who is prepared aborts alone', from: "rule('it is not prepared', r.state === 'working')", to: 'true', breaks: 'everybodyAgreed', steps: 9 },
    {
      does: 'the coordinator does not read its decision from disk',
      from: "decision: c.decision ?? 'abort'",
      to: "decision: 'abort'",
      breaks: 'oneDecision',
      steps: 9,
    },
    {
      does: 'the coordinator does not abort when it recovers',
      from: "new Coordinator({ decision: c.decision ?? 'abort' })",
      to: 'new Coordinator({ decision: c.decision })',
      harmless: 'It asks again, and may still abort: the slide lets it, and does not make it.',
    },
    {
      does: 'the coordinator waits for one "ok" less',
      from: 'c.oks.size === nodes.replica.length',
      to: 'c.oks.size >= nodes.replica.length - 1',
      breaks: 'everybodyAgreed',
      steps: 6,
    },
    {
      does: 'a replica that was prepared aborts when it recovers',
      from: "recover: (r, _) => (r.state === 'working' ?",
      to: "recover: (r, _) => (r.state !== 'committed' ?",
      breaks: 'everybodyAgreed',
      steps: 9,
    },
  ],
  'lamport-mutex': [
    { does: 'Release is never sent', from: "broadcast({ type: 'Release' })\n", to: '\n', breaks: 'everyRequestIsGranted', steps: 2, at: oneRequest },
    { does: 'Release is ignored', from: "p.set('requests', p.requests.delete(from))", to: 'p', breaks: 'everyRequestIsGranted', steps: 2, at: oneRequest },
    {
      does: 'who waits does not acknowledge',
      from: "send(from, { type: 'Ack' })",
      to: "if (p.request === null) send(from, { type: 'Ack' })",
      breaks: 'everyRequestIsGranted',
      steps: 2,
      at: oneRequest,
    },
  ],
  'fifo-broadcast': [
    {
      does: 'the buffer is lost',
      slow: true,
      from: 'delivered, buffer })',
      to: 'delivered, buffer: Set() })',
      file: fifo,
      breaks: 'agreement',
      steps: 5,
      at: twoNodes,
    },
    {
      does: 'what was delivered stays in the buffer',
      from: 'buffer = buffer.delete(next)',
      to: 'buffer = buffer.filter(() => true)',
      harmless: 'As on the slide: its number never comes again.',
      file: fifo,
    },
    {
      does: 'own messages are never delivered',
      from: 'messages.push(next.m)',
      to: 'if (next.sender !== here.self) messages.push(next.m)',
      file: fifo,
      breaks: 'allDelivered',
      at: twoNodes,
    },
    { does: 'a message is delivered twice', from: 'messages.push(next.m)', to: 'messages.push(next.m, next.m)', file: fifo, breaks: 'noDuplication', steps: 2 },
  ],
  'causal-broadcast': [
    {
      does: 'the buffer is lost',
      slow: true,
      from: 'delivered, buffer })',
      to: 'delivered, buffer: Set() })',
      file: causal,
      breaks: 'agreement',
      steps: 5,
      at: twoNodes,
    },
    {
      does: 'own messages are never delivered',
      from: 'messages.push(msg.m)',
      to: 'if (msg.sender !== here.self) messages.push(msg.m)',
      file: causal,
      breaks: 'allDelivered',
      at: twoNodes,
    },
    { does: 'a message is delivered twice', from: 'messages.push(msg.m)', to: 'messages.push(msg.m, msg.m)', file: causal, breaks: 'noDuplication', steps: 2 },
  ],
  'quorum-register': [
    {
      does: 'a replica answers with what nobody has written',
      from: "{ type: 'Value', request, t: replica.t }",
      to: "{ type: 'Value', request, t: replica.t + 1 }",
      breaks: 'readsOnlyWhatWasWritten',
      steps: 5,
    },
    {
      does: 'late acknowledgements count',
      from: 'writer.acks === null || t !== writer.t',
      to: 'writer.acks === null',
      breaks: 'readAfterWrite',
      steps: 15,
      at: { writes: 2, readers: 1, reads: 2 },
    },
  ],
  abd: [
    {
      does: 'half is a quorum',
      from: 'size > nodes.replica.length / 2',
      to: 'size >= nodes.replica.length / 2',
      breaks: 'linearizable',
      steps: 10,
      at: { replicas: 4, readers: 1 },
    },
    {
      does: 'a set of one of several writers does not exceed what a quorum has',
      from: 'newestOf(values, here).t + 1',
      to: 'writer.own.t + 1',
      breaks: 'laterSetsAreNewer',
      steps: 14,
      at: { writers: 2, readers: 1, reads: 0 },
    },
    {
      does: 'writers do not break ties',
      slow: true,
      from: "&& rule('the writers break ties', a.by.rank > b.by.rank)",
      to: '&& false',
      breaks: 'converges',
      steps: 12,
      at: { writers: 2, readers: 1, reads: 0 },
    },
  ],
  'reliable-broadcast': [
    {
      does: 'it re-broadcasts on the second receipt only',
      from: "if (rule('re-broadcasts the first time', isFirst))",
      to: 'if (!isFirst)',
      breaks: 'agreement',
      steps: 4,
    },
  ],
  'total-order-lamport': [
    {
      does: 'messages are delivered in descending order',
      slow: true,
      from: 'a.t < b.t) ||',
      to: 'a.t > b.t) ||',
      breaks: 'sameOrder',
      steps: 12,
      at: { nodes: 2, messages: 2 },
    },
    {
      does: 'a receipt does not move the clock',
      from: 'if (stamped.sender !== here.self) t = Math.max(t, stamped.t) + 1',
      to: '',
      breaks: 'laterThanReceived',
      steps: 3,
    },
  ],
  'total-order-leader': [
    {
      does: 'the buffer is lost',
      slow: true,
      from: 'delivered, buffer })',
      to: 'delivered, buffer: Set() })',
      file: fifo,
      breaks: 'everybodyDelivers',
      steps: 5,
      at: twoNodes,
    },
  ],
  flp: [
    {
      does: 'of two messages the later counts',
      from: 'p.phase === null || p.heard.has(from)',
      to: 'p.phase === null',
      harmless: 'Of three nodes one other is enough, so none is heard twice in a phase.',
    },
    { does: 'what a node reports first is 0', from: "'Report', p.x, here), here)", to: "'Report', 0, here), here)", breaks: 'validity', steps: 5 },
    { does: 'one that proposes is enough', from: 'value === v) >= 2', to: 'value === v) >= 1', breaks: 'agreement', steps: 16 },
    {
      does: 'without a proposal the estimate stays',
      from: 'v !== null) ? v : 0',
      to: 'v !== null) ? v : p.x',
      harmless: 'It is an estimate as well. There is another execution in which nobody decides.',
    },
    { does: 'the estimate does not change', from: "p.set('x', x), 'Report', x", to: "p.set('x', x), 'Report', p.x", breaks: 'agreement', steps: 28 },
    { does: 'nobody counts what it did not wait for', from: 'count => count + 1', to: 'count => count', breaks: 'agreement', steps: 21, slow: true },
    {
      does: 'who has decided tells nobody',
      from: "send(others, { type: 'Decided', v })",
      to: "send([], { type: 'Decided', v })",
      breaks: 'spreads',
      steps: 17,
    },
    {
      does: 'a node that is told decides, and tells nobody',
      from: 'p.decision === null ? decided(p, v, here) : p',
      to: 'p.decision === null ? p.merge({ decision: v }) : p',
      harmless: 'Whoever told it has told all.',
    },
  ],
}
