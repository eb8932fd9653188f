import { describe } from 'vitest'
import { mutants as retryMutants } from '../../specs/at-most-once/mutants.ts'
import { atMostOnce } from '../../specs/at-most-once/protocol.ts'
import { mutants as byzantineMutants } from '../../specs/byzantine-generals/mutants.ts'
import { byzantineGenerals } from '../../specs/byzantine-generals/protocol.ts'
import { mutants as detectorMutants } from '../../specs/failure-detector/mutants.ts'
import { failureDetector } from '../../specs/failure-detector/protocol.ts'
import { mutants as flpMutants } from '../../specs/flp/mutants.ts'
import { flp } from '../../specs/flp/protocol.ts'
import { mutants as shopMutants } from '../../specs/online-shop/mutants.ts'
import { onlineShop } from '../../specs/online-shop/protocol.ts'
import { mutants as signedMutants } from '../../specs/signed-generals/mutants.ts'
import { signedGenerals } from '../../specs/signed-generals/protocol.ts'
import { mutants as generalsMutants } from '../../specs/two-generals/mutants.ts'
import { twoGenerals } from '../../specs/two-generals/protocol.ts'
import { testTeeth } from '../support/specs-verdicts.ts'

describe('the two generals', () => testTeeth(twoGenerals(), generalsMutants))
describe('the Byzantine generals', () => testTeeth(byzantineGenerals(), byzantineMutants))
describe('the Byzantine generals with signatures', () => testTeeth(signedGenerals(), signedMutants))
describe('a failure detector', () => testTeeth(failureDetector(), detectorMutants))
describe('a deterministic consensus', () => testTeeth(flp(), flpMutants))
describe('an online shop', () => testTeeth(onlineShop(), shopMutants))
describe('retrying state updates', () => testTeeth(atMostOnce(), retryMutants))
