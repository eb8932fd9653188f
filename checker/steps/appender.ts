import { hashKey } from '../states/seen-set.ts'
import type { NodeForms } from '../symmetry/node-forms.ts'
import type { Representatives } from '../symmetry/representative.ts'
import { SmallGroup } from '../symmetry/small-group.ts'
import { DONE, GREW } from '../tables/step-tables.ts'
import type { Saturation } from './saturation.ts'
import type { Successors } from './successors.ts'

/** Takes the successor that was built to what it is kept as, with symmetry to the representative of its orbit, hashes its key, and counts it. */
export class Appender {
  /** What chooses representatives, if the group is listed. */
  readonly smallGroup: SmallGroup | undefined
  readonly #successors: Successors
  readonly #saturation: Saturation | undefined
  /** With symmetry: what chooses representatives. */
  readonly #group: Representatives['group']
  /** With subsumption and a listed group: orbits are told by nodes alone, so that one state may be compared with others that have more messages. */
  readonly #covered: SmallGroup | undefined
  /** The same for a group that is not listed. */
  readonly #forms: NodeForms | undefined

  constructor(successors: Successors, saturation: Saturation | undefined, { group, forms }: Representatives, subsume: boolean) {
    this.#successors = successors
    this.#saturation = saturation
    this.#group = group
    this.smallGroup = group instanceof SmallGroup ? group : undefined
    this.#covered = subsume ? this.smallGroup : undefined
    this.#forms = forms
  }

  /** @param result how its nodes compare (`SmallGroup.compareStep`), if that is known */
  append(result = -1): number {
    if (this.#saturation?.run() === GREW) return GREW
    const successors = this.#successors
    const { records, count, layout } = successors
    const base = count * layout.width
    if (this.#covered !== undefined) return this.#appendCovered(this.#covered, base, result)
    if (this.#forms !== undefined) {
      const images = this.#appendForms(this.#forms, base)
      if (images !== 0) return images
    }
    if (result >= 0) this.smallGroup?.chooseBy(result, records, base, layout)
    else if (this.#group?.choose(records, base, layout) === GREW) return GREW
    successors.groups[count] = 1
    successors.hashes[count] = hashKey(records, base, layout.width)
    successors.count++
    return DONE
  }

  /**
   * Appends the images of the successor under all permutations that its nodes do not tell from one another: a state may cover any of them, and one is
   * enough. They follow one another; `groups` has their number at the first.
   */
  #appendCovered(smallGroup: SmallGroup, base: number, result: number): number {
    const successors = this.#successors
    const { layout } = successors
    const { width } = layout
    const compared = result < 0 ? smallGroup.compare(successors.records, base, layout) : result
    const ties = smallGroup.ties(compared, successors.records, base, layout)
    successors.reserve(ties)
    const { records, hashes, groups, count } = successors
    for (let k = 1; k < ties; k++) records.copyWithin(base + k * width, base, base + width)
    groups[count] = ties
    for (let k = 0; k < ties; k++) {
      const at = base + k * width
      smallGroup.replace(records, at, layout, smallGroup.tied[k] as number)
      hashes[count + k] = hashKey(records, at, width)
    }
    successors.count += ties
    return DONE
  }

  /** The same for a group that is not listed: how many images were appended; none if there are too many; or `GREW`. */
  #appendForms(forms: NodeForms, base: number): number {
    const successors = this.#successors
    const { layout } = successors
    const { width } = layout
    const ties = forms.find(successors.records, base, layout)
    if (ties <= 0) return ties
    successors.reserve(ties)
    const { records, hashes, groups, count } = successors
    // The last one takes the place of the state itself.
    for (let k = ties - 1; k >= 0; k--) {
      const at = base + k * width
      if (forms.write(k, records, base, at) === GREW) return GREW
      hashes[count + k] = hashKey(records, at, width)
    }
    groups[count] = ties
    successors.count += ties
    return ties
  }
}
