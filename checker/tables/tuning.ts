/**
 * Every number that decides which phase of a check runs, or at which size something begins, grows or is given up. None decides an answer: with any of them a check says the same, sooner or later.
 *
 * They stand in one place so that tests can make them small (`Options.tuning`): then small protocols come to each phase, which otherwise only large ones do.
 * What is read in the search loop is read once, when a search is made. A number with the suffix `Slots` is a power of two.
 */
export interface Tuning {
  // Which search comes next, with subsumption (check/phases.ts).
  /** Distinct states of the first search, breadth-first; beyond, the others come. */
  readonly firstStates: number
  /** … when a depth is asked about, which they often reach. */
  readonly firstStatesToDepth: number
  /** It goes on to so many times as many, where it is about to end. */
  readonly firstEnds: number
  /** States that a scout keeps for each vector of nodes. */
  readonly scoutKeeps: number
  readonly scoutStates: number
  /** When only a depth is asked about, so many states are spent on a proof for every depth. */
  readonly proveStatesToDepth: number
  /** So many states are looked through for an execution shorter than one that is known, before it is found out how far it is to a violation. */
  readonly shortenStates: number
  /** The same within a depth, where none is known. */
  readonly shortenStatesToDepth: number
  /** So many states are spent on finding out how far it is to a violation. */
  readonly boundStates: number
  /** Lower bounds are not told apart from here on: this many steps, or more. From 1 to 254. */
  readonly boundsFar: number

  // When the world outside has its turn, and budgets are looked at (search/search.ts).
  /** States that are expanded one by one between two pulses; a power of two. */
  readonly expandedPerPulse: number
  /** States of a level that are judged between two pulses; a power of two. */
  readonly judgedPerPulse: number
  /** Successors in a batch, from which on it is time to look them up, and for a pulse. */
  readonly batch: number
  /** Runs of code of the protocol after which the world outside has its turn between two pulses. */
  readonly callsPerTurn: number
  /** Milliseconds between two looks at the clock, the memory and the signal. */
  readonly pulseMs: number
  /** Milliseconds that a search may have the thread for itself. */
  readonly turnMs: number
  /** States that may be found before it is asked again whether there is memory for them. */
  readonly statesAhead: number
  /** Writing snapshots takes at most this share of the time. */
  readonly snapshotShare: number

  // How much may be learnt (reduce/spending.ts).
  /** Learning may take this share of the steps that searches have taken; what takes more is given up, */
  readonly learnShare: number
  /** but it may take so many in any case: a second or two. */
  readonly learnSteps: number
  /** A run of a handler counts as so many steps: it takes about as long. */
  readonly callSteps: number
  /** What looks ahead ask handlers counts as learning once it takes so many times as long as all that searched. */
  readonly aheadShare: number

  // What reductions learn before they are used (check/learning.ts).
  /** States that a look ahead may see. */
  readonly lookStates: number
  /** How often a look ahead goes on from states with the same state of a node. */
  readonly lookVisits: number
  /** Looks ahead before the first round, at most. */
  readonly looksMax: number
  /** A look ahead that adds a smaller share than this to the messages that may be in flight in some state has little left to learn. */
  readonly settledShare: number
  /** Searches with no more states than this do without bisimulation, */
  readonly largeStates: number
  /** nor is it used by those with no more states than this for each call of a handler: about what the learning will cost. */
  readonly largeShare: number
  /** A round that was refuted ends when it has twice as many states as it had then, and so many more. */
  readonly refutedStates: number
  /** A round with bisimulation ends when there are so many times the states of nodes, or further copies of messages, that there were when it began, */
  readonly novelShare: number
  /** and so many more. */
  readonly novelStates: number
  /** A proof goes on to so many times the states that it had when something was refuted, before it takes up what was dropped, */
  readonly reopenShare: number
  /** and so many more. */
  readonly reopenStates: number

  // Dead fields (check/dead-fields.ts).
  /** States that are looked at to learn which fields are read, */
  readonly fieldsStates: number
  /** and how often from states with the same state of a node. */
  readonly fieldsVisits: number
  /** After so many refutations the fields are left as they are. */
  readonly fieldsRefutedMax: number

  // Bisimulation (reduce/bisimulation/bisimulation.ts, reduce/bisimulation/refinement.ts).
  /** More refinements in a row are not run, each for the states that the one before came upon. */
  readonly refinementsMax: number
  /** Questions that may be asked of handlers when classes are learnt, for one that searches have asked. */
  readonly askedShare: number
  /** The same at least. */
  readonly askedMin: number
  /** Classes that were refuted so often are given up. */
  readonly classesRefutedMax: number
  /** Comparisons of states of nodes, after which a refinement is given up, */
  readonly comparisonsMax: number
  /** and between two looks at the clock, the memory and the signal. */
  readonly comparisonsPerPulse: number

  // Partial order (reduce/partial-order/commuting.ts, reduce/partial-order/reachable-sends.ts).
  /** States of a node that are looked at for one answer; beyond, the answer is no. */
  readonly commutingStates: number
  /** Steps of the others that are looked at for one answer; beyond, the answer is yes. */
  readonly reachableSendsLooks: number

  // The order of a proof (search/node-ranks.ts).
  /** States of nodes by whose number those that were ranked must have grown before all are ranked anew: so many times, */
  readonly staleShare: number
  /** and so many more. */
  readonly staleMore: number

  // Symmetry.
  /** Groups with more members are not listed (symmetry/large-group.ts), whatever is faster. */
  readonly listedMax: number
  /** Images of one state; with more, code over the whole state (whole-answers.ts) and observers are not checked for symmetry, and the protocol counts as not symmetric. */
  readonly imagesMax: number
  /** Different elements, with their images, of a set that code over the whole state is asked about one by one (questions.ts); a set of more is read whole. */
  readonly universeMax: number
  /** The same if there were new ones so often. */
  readonly universeGrownMax: number
  /** With more comparisons of ids than this there would be too many results of them for a table. */
  readonly comparedMax: number
  /** Images without a new message, from which on it pays to make code for them. */
  readonly imageCodeAfter: number
  /** Rotations for a permutation, beyond which code is no faster than a look at each message that changed; */
  readonly rotationsMax: number
  /** and for all together. */
  readonly allRotationsMax: number
  /** Components that are set for a permutation, beyond which there is no code. */
  readonly codeComponentsMax: number
  /** Permutations that are remembered: far more than there are of 5 nodes, so that hardly two of those are looked for in one place. From 8 to 2^16. */
  readonly permutationSlots: number
  /** With subsumption, at most so many. */
  readonly permutationsMax: number
  /** Of states whose nodes are alike under more permutations than these, one image is as good as another. */
  readonly tiesMax: number
  /** Places for vectors of nodes whose forms are remembered, at first; half of them are used. */
  readonly formSlots: number
  /** The same at most. */
  readonly formSlotsMax: number
  /** Permutations that are remembered with them, all in all, about. */
  readonly formTargetsMax: number

  // What is remembered of look-ups.
  /** Words of records that were looked up last: as many as fit into a core's own cache beside what else is in use; */
  readonly recentWordsFirst: number
  /** once it was asked for so many times, when what is not found here is in no cache, */
  readonly recentAsked: number
  /** as many as it holds. */
  readonly recentWords: number
  /** Records at least; from 2. */
  readonly recentSlots: number
  /** States of each node for which there is room for what to pass over. */
  readonly passedSlots: number
  /** Two groups of nodes are made one if that would hardly have more keys than this (steps/compiled/step-cache.ts). */
  readonly stepCacheKeysMax: number
  /** Look-ups, after which it is known whether a group has few keys. */
  readonly stepCacheTrial: number
  /** Words of memory for the look-ups of one group: so many that two have room, however wide a record is. */
  readonly stepCacheWords: number
  /** Integers of all lists, from which on all are forgotten. */
  readonly stepCacheListsMax: number
  /** Classes of nodes that are judged together, at most 31: as bits, of which that of the sign stays free. */
  readonly judgedClassesMax: number

  // Sizes at first: what needs more grows.
  /** Successors for which there is room. */
  readonly batchRoom: number
  /** Slots of the index of the seen set; from 16. */
  readonly seenSlots: number
  /** Keys of the seen set for which there is room. */
  readonly seenKeys: number
  /** Slots from which on the index of the seen set grows with care for its memory; from 32. */
  readonly seenLargeSlots: number
  /** Words from which on room is asked for 64 times what there is. */
  readonly seenLargeWords: number
  /** Keys that are sorted at a time when the index is filled anew: 8 bytes each, for that time. */
  readonly seenFillKeys: number
  /** Vectors of nodes for which there is room, with subsumption, and states. */
  readonly subsumptionSlots: number

  // Threads (search/workers).
  /** Distinct states from which on threads are started, where they were asked for: a search that ends before has taken less time than it takes to start them; */
  readonly threadsFrom: number
  /** where they were not: a search that ends before (one or two seconds) would take as long with them, and more of the machine. */
  readonly threadsFromUnasked: number
  /** States that are found and not expanded, below which a level is not worth dividing up, unless the search waits for threads. */
  readonly threadsFrontier: number
  /** States that are expanded to see which steps there are. */
  readonly threadsSample: number
  /** States that are dealt out together: a part of a level in so many pieces, */
  readonly threadsPieces: number
  /** but no smaller, */
  readonly threadsPieceMin: number
  /** and no larger. */
  readonly threadsPieceMax: number
  /** Requests that are noted before the leader answers; the states that need more wait for the next time. */
  readonly threadsRequests: number
}

export const standardTuning: Tuning = {
  firstStates: 50_000,
  firstStatesToDepth: 200_000,
  firstEnds: 2,
  scoutKeeps: 1,
  scoutStates: 2_000_000,
  proveStatesToDepth: 1_000_000,
  shortenStates: 200_000,
  shortenStatesToDepth: 2_000_000,
  boundStates: 20_000_000,
  boundsFar: 254,

  expandedPerPulse: 64,
  judgedPerPulse: 4_096,
  batch: 1_024,
  callsPerTurn: 1_000,
  pulseMs: 100,
  turnMs: 50,
  statesAhead: 16_384,
  snapshotShare: 0.05,

  learnShare: 0.5,
  learnSteps: 1_000_000,
  callSteps: 20,
  aheadShare: 8,

  lookStates: 40_000,
  lookVisits: 2,
  looksMax: 8,
  settledShare: 0.02,
  largeStates: 100_000,
  largeShare: 0.5,
  refutedStates: 1_000,
  novelShare: 1.25,
  novelStates: 50,
  reopenShare: 1.05,
  reopenStates: 500,

  fieldsStates: 300,
  fieldsVisits: 2,
  fieldsRefutedMax: 30,

  refinementsMax: 60,
  askedShare: 0.5,
  askedMin: 2_000,
  classesRefutedMax: 10,
  comparisonsMax: 30_000_000,
  comparisonsPerPulse: 1 << 16,

  commutingStates: 256,
  reachableSendsLooks: 4_096,

  staleShare: 1.1,
  staleMore: 50,

  listedMax: 6,
  imagesMax: 20_000,
  universeMax: 1_000,
  universeGrownMax: 100,
  comparedMax: 3,
  imageCodeAfter: 10_000,
  rotationsMax: 128,
  allRotationsMax: 768,
  codeComponentsMax: 64,
  permutationSlots: 512,
  permutationsMax: 4_096,
  tiesMax: 120,
  formSlots: 1 << 10,
  formSlotsMax: 1 << 18,
  formTargetsMax: 1 << 18,

  recentWordsFirst: 1 << 16,
  recentAsked: 1 << 12,
  recentWords: 1 << 18,
  recentSlots: 1 << 10,
  passedSlots: 1 << 10,
  stepCacheKeysMax: 1 << 12,
  stepCacheTrial: 1 << 11,
  stepCacheWords: 1 << 16,
  stepCacheListsMax: 1 << 22,
  judgedClassesMax: 31,

  batchRoom: 2_048,
  seenSlots: 1 << 11,
  seenKeys: 1 << 10,
  seenLargeSlots: 1 << 20,
  seenLargeWords: 1 << 22,
  seenFillKeys: 1 << 22,
  subsumptionSlots: 1 << 12,

  threadsFrom: 50_000,
  threadsFromUnasked: 2_000_000,
  threadsFrontier: 2_000,
  threadsSample: 2_000,
  threadsPieces: 64,
  threadsPieceMin: 256,
  threadsPieceMax: 8_192,
  threadsRequests: 4_096,
}
