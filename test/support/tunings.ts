import type { Tuning } from '../../checker/tables/tuning.ts'

/** The first search ends at so many states; so do those of a proof for a depth, and for a shorter execution. */
export const proofAfter = (states: number): Partial<Tuning> => ({
  firstStates: states,
  firstStatesToDepth: states,
  firstEnds: 1,
  proveStatesToDepth: states,
  shortenStates: states,
  shortenStatesToDepth: states,
})

/** Little room at first, so that a small search takes little time; of images by rows, some; of images by code, most. */
export const quick: Partial<Tuning> = {
  recentWordsFirst: 256,
  recentSlots: 64,
  passedSlots: 16,
  formSlots: 16,
  permutationSlots: 8,
  batchRoom: 64,
  seenSlots: 64,
  seenKeys: 64,
  subsumptionSlots: 64,
  stepCacheWords: 64,
  imageCodeAfter: 4,
}

const never = 1_000_000

/** For each size some at which small protocols come to what it decides. */
const small: { readonly [name in keyof Tuning]: readonly number[] } = {
  firstStates: [0, 1, 3, 6, 20],
  firstStatesToDepth: [0, 1, 3, 6, 20],
  firstEnds: [1, 2, 4],
  scoutKeeps: [1, 1, 2],
  scoutStates: [0, 3, 12, 200],
  proveStatesToDepth: [0, 5, 25, never],
  shortenStates: [0, 5, 15],
  shortenStatesToDepth: [0, 5, 15],
  boundStates: [5, 40, never],
  boundsFar: [1, 2, 5],

  expandedPerPulse: [1, 2],
  judgedPerPulse: [1, 2, 16],
  batch: [1, 2, 8],
  callsPerTurn: [1, 3],
  pulseMs: [0],
  turnMs: [50],
  statesAhead: [1],
  snapshotShare: [1],

  learnShare: [0, 0.1, 0.5],
  learnSteps: [0, 1, 10, 100, 1_000],
  callSteps: [0, 1, 20],
  aheadShare: [0, 1, 8],

  lookStates: [1, 2, 8],
  lookVisits: [1],
  looksMax: [0, 1, 2],
  settledShare: [0, 0.5],
  largeStates: [0, 2, 5, 25],
  largeShare: [0],
  refutedStates: [0, 3],
  novelShare: [1],
  novelStates: [0, 3, 10],
  reopenShare: [1],
  reopenStates: [0, 3],

  fieldsStates: [1, 2, 5],
  fieldsVisits: [1],
  fieldsRefutedMax: [0, 1, 3],

  refinementsMax: [0, 1],
  askedShare: [0, 0.1],
  askedMin: [0, 2, 10],
  classesRefutedMax: [1, 3],
  comparisonsMax: [0, 10, never],
  comparisonsPerPulse: [1, 10, never],

  universeMax: [0, 2, 5],
  universeGrownMax: [0, 2],

  commutingStates: [1, 4],
  reachableSendsLooks: [1, 8],

  staleShare: [1],
  staleMore: [0, 3],

  listedMax: [1, 2, 1_000],
  imagesMax: [1, 2, 24],
  comparedMax: [0, 1],
  imageCodeAfter: [1, 4],
  rotationsMax: [1, 8],
  allRotationsMax: [1, 8],
  codeComponentsMax: [1],
  permutationSlots: [8],
  permutationsMax: [8],
  tiesMax: [1, 2, 6],
  formSlots: [2, 8],
  formSlotsMax: [2, 16],
  formTargetsMax: [1, 8],

  recentWordsFirst: [1, 64],
  recentAsked: [2, 5],
  recentWords: [1, 64],
  recentSlots: [2, 8],
  passedSlots: [1, 2],
  stepCacheKeysMax: [2, 6],
  stepCacheTrial: [1, 4],
  stepCacheWords: [64],
  stepCacheListsMax: [1, 50],
  judgedClassesMax: [1, 3],

  batchRoom: [1, 16],
  seenSlots: [16],
  seenKeys: [1, 8],
  seenLargeSlots: [32, 64],
  seenLargeWords: [64],
  seenFillKeys: [1, 8],
  subsumptionSlots: [1, 4],

  threadsFrom: [0],
  threadsFromUnasked: [0],
  threadsFrontier: [0],
  threadsSample: [1, 5],
  threadsPieces: [1, 3],
  threadsPieceMin: [1],
  threadsPieceMax: [1, 4],
  threadsRequests: [1, 8],
}

/** From all as they are to all small, and anything between. */
export const randomTuning = (random: (below: number) => number): Partial<Tuning> => {
  const share = random(6)
  const names = Object.keys(small) as (keyof Tuning)[]
  return Object.fromEntries(
    names.filter(() => random(5) < share).map(name => [name, (small[name] as readonly number[])[random((small[name] as readonly number[]).length)]]),
  )
}
