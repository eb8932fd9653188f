import { describe } from 'vitest'
import { mutants as retryMutants } from '../../specs/at-most-once/mutants.ts'
import { atMostOnce } from '../../specs/at-most-once/protocol.ts'
import { mutants as shopMutants } from '../../specs/online-shop/mutants.ts'
import { onlineShop } from '../../specs/online-shop/protocol.ts'
import { mutants as generalsMutants } from '../../specs/two-generals/mutants.ts'
import { twoGenerals } from '../../specs/two-generals/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('the two generals', () => testTeeth(twoGenerals(), generalsMutants))
describe('an online shop', () => testTeeth(onlineShop(), shopMutants))
describe('retrying state updates', () => testTeeth(atMostOnce(), retryMutants))
