import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { loadSpec, type Spec, specNames } from '../../checker/cli/load.ts'
import { bundledProofs } from '../../checker/cli/lock-file.ts'
import { showParameters } from '../../checker/cli/parameters.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { jsonParameters } from '../../checker/protocol/json-parameters.ts'
import { isSameQuestion } from '../../checker/prove/lock.ts'
import { renderSvg } from '../../checker/trace/formats/svg.ts'
import { renderText } from '../../checker/trace/render-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``

const counterexample = async (): Promise<Trace> => {
  const spec = await loadSpec('lamport-mutex', '.')
  const { make, parameters, because, mutant } = findVariant(spec, { mutant: 'reordered' })
  const { counterexample } = await explore(make({ ...spec.defaults, ...parameters }), { property: 'mutualExclusion' })
  return { ...(counterexample as Trace), mutant, because }
}

const names = (all: readonly string[]): string => all.join(', ') || '–'

/** Those of the proof at the defaults, and how many other bounds are proved. */
const states = ({ name, defaults }: Spec): string => {
  const proofs = bundledProofs().filter(({ protocol }) => protocol === name)
  const proof = proofs.find(({ parameters }) => isSameQuestion({ protocol: name, parameters }, { protocol: name, parameters: jsonParameters(defaults) }))
  const others = proofs.length - 1
  return proof === undefined
    ? '–'
    : `${proof.states.toLocaleString('en')}${proof.complete ? '' : ' (bounded)'}, ${proof.seconds} s${others === 0 ? '' : `; and ${others} more`}`
}

/** The protocols as the lecture notes group them. */
const groups: { readonly [title: string]: readonly string[] } = {
  'Time and order': [
    'lamport-clocks',
    'vector-clocks',
    'lamport-mutex',
    'mutex-as-smr',
    'distributed-make',
    'update-order',
    'event-log-merge',
    'cristian',
    'berkeley',
    'ntp',
  ],
  'Models and impossibility': ['two-generals', 'online-shop', 'byzantine-generals', 'signed-generals', 'failure-detector', 'flp', 'cap'],
  Broadcast: ['reliable-broadcast', 'gossip', 'fifo-broadcast', 'causal-broadcast', 'total-order-leader', 'total-order-lamport'],
  Replication: [
    'at-most-once',
    'tombstones',
    'registers',
    'quorum-register',
    'abd',
    'state-machine-replication',
    'leader-log-shipping',
    'view-service',
    'primary-backup',
    'vm-replication',
  ],
  'Transactions and consensus': [
    'two-phase-commit',
    'transaction-commit',
    'ft-two-phase-commit',
    'linearizable-cas',
    'paxos',
    'multi-paxos',
    'viewstamped-replication',
    'zab',
    'leases',
    'lease-reads',
    'raft',
    'raft-reconciliation',
    'raft-membership',
    'raft-leadership-transfer',
    'raft-pre-vote',
    'raft-election',
    'raft-read-index',
  ],
  'Eventual consistency': ['session-guarantees', 'crdt-map-op', 'crdt-map-state', 'crdt-text', 'operational-transformation'],
}

/** What the file of a protocol begins with, to the end of the first line that ends a sentence. */
const sentence = (name: string): string => {
  const [, comment = ''] = read(`../../specs/${name}/protocol.ts`).match(/^\/\*\*\n((?: \* .*\n)+?)(?<=\.\n)/) ?? []
  const text = comment.replaceAll(/^ \* /gm, '').trim().replaceAll('\n', ' ')
  if (text === '') throw new Error(`specs/${name}/protocol.ts does not begin with a sentence.`)
  return text
}

const row = (spec: Spec): string => {
  const { name, source, defaults, properties, mutants, claims } = spec
  const what = `${sentence(name)} *${source ?? ''}*`
  return `| ${[name, what, showParameters(defaults) || '–', states(spec), names(properties), names(Object.keys(mutants)), names(Object.keys(claims))].map(text => text.replaceAll('|', '\\|')).join(' | ')} |`
}

const protocols = async (): Promise<string> => {
  expect(Object.values(groups).flat().sort()).toEqual([...specNames()].sort())
  const sections: string[] = []
  for (const [title, members] of Object.entries(groups)) {
    const rows: string[] = []
    for (const name of members) rows.push(row(await loadSpec(name, '.')))
    sections.push(
      [
        `### ${title}\n`,
        '| protocol | what it is, *and from where* | default bounds | states, time (`check prove`) | properties | mutants | claims that it refutes |',
        '|---|---|---|---|---|---|---|',
        ...rows,
      ].join('\n'),
    )
  }
  return sections.join('\n\n')
}

/** The text with what is between `<!-- name: … -->` and `<!-- /name -->` replaced. */
const withSection = (text: string, name: string, content: string): string => {
  const found = new RegExp(`(<!-- ${name}: .*-->\n)[^]*?(<!-- /${name} -->)`)
  expect(text).toMatch(found)
  return text.replace(found, (_, before: string, after: string) => `${before}\n${content}\n\n${after}`)
}

test('what README.md and docs/proofs.md show is what the checker says, and writes; npm run readme writes it anew', async () => {
  let text = read('../../README.md')
  const trace = await counterexample()
  text = withSection(text, 'counterexample', fenced('text', renderText(trace)))
  text = withSection(text, 'lock-server', fenced('ts', read('../fixtures/stranger.ts')))
  text = withSection(text, 'protocols', await protocols())
  await expect(text).toMatchFileSnapshot('../../README.md')
  const proofs = withSection(read('../../docs/proofs.md'), 'workflow', fenced('yaml', read('../../starter/.github/workflows/proofs.yml')))
  await expect(proofs).toMatchFileSnapshot('../../docs/proofs.md')
  await expect(renderSvg(trace)).toMatchFileSnapshot('../../docs/reordered.svg')
})
