import { type Claims, each } from '../../checker/index.ts'
import { type crdtText, type Site, sorted, text } from './protocol.ts'

export const claims = {
  runsStayTogether: {
    because: 'Two write two letters each at the same place, offline. Both take the positions 1/2 and 1/4, and so their letters stand in turn.',
    refutes: each(
      'node',
      ({ app }: Site) => text(app).map(({ n }) => n),
      authors => authors.filter((n, i) => i === 0 || n !== authors.get(i - 1)).size <= 3,
    ),
    parameters: { others: 2 },
    length: 6,
    // What they write before they have heard of anything is a run of each: so nobody writes who has.
    assuming: ({ roles: { node }, ...spec }) => ({
      ...spec,
      roles: {
        node: {
          ...node,
          actions: {
            ...node.actions,
            insert: { ...node.actions.insert, when: (site, here) => node.actions.insert.when(site, here) && text(site.app).every(({ n }) => n === here.self) },
            delete: { ...node.actions.delete, when: () => false },
          },
        },
      },
    }),
  },
  thereIsRoom: {
    because: 'Two insert at the same place. Between the two there is no position, as (p + p) / 2 = p: what a third inserts there may come to stand elsewhere.',
    refutes: each(
      'node',
      ({ app }: Site) => sorted(app.chars).map(({ p }) => p),
      positions => positions.every((p, i) => !p.equals(positions.get(i + 1))),
    ),
    length: 3,
  },
} satisfies Claims<typeof crdtText>
