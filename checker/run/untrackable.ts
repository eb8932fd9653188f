/** Thrown when code of the spec cannot do with a look (values/tracked-state.ts) what it does with a state: it uses private members of a class, or tells objects apart that were made by `set`. */
export class Untrackable extends Error {}

/** Thrown when code of the spec reads a field that was taken for dead: what was searched with it counts for nothing. */
export class DeadFieldRead extends Error {}
