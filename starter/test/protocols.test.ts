import { mutant } from 'protocheck/vitest'
import { describe, expect, test } from 'vitest'
import { mutants, payment } from '../protocols/payment.ts'

describe('payment', () => {
  test('holds', async () => {
    await expect(payment).toHold({ file: './protocols/payment.ts' })
  })

  test.each(['chargesAgain'] as const)('is broken by the mutant %s', async name => {
    const { breaks, length } = mutants[name]
    await expect(mutant(payment, mutants, name)).toViolate(breaks, { steps: length, file: './protocols/payment.ts' })
  })
})
