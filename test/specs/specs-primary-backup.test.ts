import { describe, expect, test } from 'vitest'
import { explore } from '../../checker/index.ts'
import { rulesTable } from '../../checker/prove/rules.ts'
import { mutants } from '../../specs/primary-backup/mutants.ts'
import { primaryBackup, rules } from '../../specs/primary-backup/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

// That it holds within the bounds of its proofs, is what `check prove` asks.
describe('primary/backup', () => {
  testTeeth(primaryBackup({ servers: 2, clients: 1, views: 2 }), mutants)

  test('U strikes rule 4 out: it is redundant if a backup also checks who forwards, and rule 5 stands', async () => {
    const strict = primaryBackup({ clients: 1, views: 3, strict: true })
    expect(await explore(strict, { without: [rules[4]] })).toMatchObject({ verdict: 'holds', complete: true })
    expect(await explore(strict, { without: [rules[4], rules[5]] })).toMatchObject({ verdict: 'violated' })
    expect(await explore(primaryBackup({ clients: 1, views: 3 }), { without: [rules[4]] })).toMatchObject({ verdict: 'violated' })
  })

  test('the rules table: within two views, each rule but those on reads and acknowledgements is needed by a single client', async () => {
    const { rows } = await rulesTable(primaryBackup({ clients: 1, views: 2 }), explore, { reduce: ['symmetry'] })
    const broken = (...without: string[]) => {
      const row = rows.find(row => row.without.length === without.length && without.every(rule => row.without.includes(rule)))
      return Object.entries(row?.findings ?? {}).flatMap(([property, { type }]) => (type === 'breaks' ? [property] : []))
    }
    expect(rows).toHaveLength(1 + 7 + 21)
    expect(broken()).toEqual([])
    for (const rule of Object.values(rules)) expect(broken(rule).length > 0, rule).toBe(rule !== rules['2r'] && rule !== rules.ack)
    expect(broken(rules[4])).toContain('singlePrimaryPerView')
    expect(broken(rules.ack, rules[4])).toEqual(expect.arrayContaining(broken(rules[4])))
  })

  test('the acknowledgement is needed once there is a third view: a backup of the second leads it, which never got the state', async () => {
    expect(await explore(primaryBackup({ clients: 1, views: 3 }), { without: [rules.ack] })).toMatchObject({
      verdict: 'violated',
      property: 'noAcknowledgedWriteLost',
    })
  })
})
