import type { Change } from '../support/changed-specs.ts'

/** Consensus, commit and replication: six of each that are not among its mutants. */
export const changes: { readonly [protocol: string]: readonly Change[] } = {
  paxos: [
    {
      does: 'half of four is a majority',
      from: 'size > acceptors.length / 2',
      to: 'size >= acceptors.length / 2',
      breaks: 'agreement',
      steps: 18,
      at: { acceptors: 4, ballots: 2, crashes: 0 },
    },
    {
      does: 'an acceptor answers a prepare request once',
      from: "'the number is higher', n >= a.promised",
      to: "'the number is higher', n > a.promised",
      harmless: 'As in the paper: a response that is lost is as one that was never sent, and there are higher numbers.',
    },
    {
      does: 'the numbers of a proposer are not its own',
      from: ': n + proposers)',
      to: ': n + 1)',
      breaks: 'agreement',
      steps: 19,
      at: { ballots: 2, crashes: 0 },
    },
    {
      does: 'responses to an earlier prepare request count',
      from: 'p.promises === null || n !== p.n',
      to: 'p.promises === null',
      breaks: 'agreement',
      steps: 19,
      at: { crashes: 0 },
    },
    {
      does: 'a promise says nothing of what is accepted',
      from: "send(from, { type: 'Promise', n, accepted: a.accepted })",
      to: "send(from, { type: 'Promise', n, accepted: new Proposal() })",
      breaks: 'agreement',
      steps: 18,
      at: { ballots: 2, crashes: 0 },
    },
    {
      does: 'a proposer that recovers goes on counting promises',
      from: 'new Proposer({ n: p.n })',
      to: 'p',
      harmless: 'The promises were made to the number, which it has not used yet.',
    },
  ],
}
