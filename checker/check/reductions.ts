/** The reductions, each its own switch; see ARCHITECTURE.md, "What each reduction keeps". */
export const reductionNames = ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'partial-order', 'subsumption', 'lower-bounds'] as const

/** Those that a search uses when none is named; dead fields and bisimulation once it is large (`phases.ts`, `learning.ts`), where by name they are used from the start. */
export const defaultReductions = ['symmetry', 'dead-messages', 'dead-fields', 'bisimulation', 'subsumption', 'lower-bounds'] as const

/** The name of a reduction. */
export type Reduction = (typeof reductionNames)[number]

/** The orders in which a search may take states. */
export const orderNames = ['breadth', 'depth'] as const

/** Were no reductions named, or was this one? */
export const mayUse = ({ reduce = defaultReductions }: { readonly reduce?: readonly Reduction[] }, reduction: Reduction): boolean => reduce.includes(reduction)
