import { type Claims, eachPairOf } from '../../checker/index.ts'
import type { onlineShop } from './protocol.ts'

export const claims = {
  together: {
    because:
      '"Online shop dispatches if and only if payment made" does not hold at every moment: the shop hears of the charge later, and may yet be out of stock.',
    refutes: eachPairOf(
      'shop',
      s => s.state,
      'payments',
      p => p.state,
      (shop, payments) => (shop === 'dispatched') === (payments === 'charged'),
    ),
    length: 2,
  },
} satisfies Claims<typeof onlineShop>
