import type { DeadMessages } from '../reduce/dead-messages.ts'
import type { SmallGroupRows } from '../symmetry/small-group.ts'
import type { GlobalEffect } from '../tables/global-steps.ts'
import type { SharedQuestions } from '../tables/questions.ts'
import type { SharedReads } from '../tables/read-memo.ts'
import type { StepDeadMessages, StepTables } from '../tables/step-tables.ts'
import type { Tables } from '../tables/tables.ts'
import type { Tuning } from '../tables/tuning.ts'
import type { Ints, SharedPairMap } from '../values/ints.ts'

/**
 * The tables as plain data, as a search by integers needs them and as they can be sent to another thread. All that is large lies in memory that threads share,
 * so sharing costs little: the leader's tables themselves move there. Whoever reads it may do so only while the leader does not write;
 * when tables have grown, the new ones are sent.
 */
export interface SharedTables {
  readonly tuning: Tuning
  readonly nodeCount: number
  readonly fifo: boolean
  readonly fairLoss: boolean
  readonly fixedComponents: number
  readonly componentSizes: readonly number[]
  readonly groupSize: number
  readonly nodes: StepTables['system']['nodes']
  readonly faults: StepTables['system']['faults']
  readonly partition: StepTables['partition']
  readonly time: StepTables['time']
  readonly flightBound: StepTables['system']['flightBound']
  readonly hasPairs: boolean
  readonly failing: number
  readonly pairs: SharedPairMap
  readonly locals: readonly SharedStates[]
  readonly observers: readonly { readonly size: number; readonly bits: Ints; readonly classes: Ints }[]
  readonly packets: Picked<StepTables['packets'], 'from' | 'to' | 'column'>
  readonly bits: Picked<StepTables['bits'], 'packet' | 'next' | 'copy' | 'first'>
  readonly sends: Picked<StepTables['sends'], 'start' | 'data'>
  readonly outcomes: Picked<StepTables['outcomes'], 'start' | 'to' | 'sends' | 'emits' | 'broken' | 'cut'>
  readonly cells: readonly Int32Array[]
  readonly strides: Int32Array
  readonly acts: readonly Ints[]
  readonly recoveries: readonly Ints[]
  readonly stopped: readonly Ints[]
  readonly ticks: readonly (readonly Ints[])[]
  readonly observations: readonly SharedPairMap[]
  readonly queues: readonly SharedQueues[]
  readonly channel: Ints
  readonly aged: readonly Ints[]
  readonly duePackets: Ints
  readonly globalMemos: readonly SharedReads[]
  readonly globalLists: readonly (readonly GlobalEffect[])[]
  readonly globalTaken: Ints
  readonly changes: { readonly places: SharedPairMap; readonly to: Ints; readonly broken: Ints }
  readonly questions: SharedQuestions
  readonly worldMemos: readonly SharedReads[]
  readonly restMemo: SharedReads
  readonly smallGroup: SmallGroupRows | undefined
  readonly dead: Pick<StepDeadMessages, 'words' | 'carried' | 'alive' | 'inbox'> | undefined
}

type Picked<T, K extends keyof T> = Pick<T, K>

/** The states of the nodes of one role; nodes of one role name the same one. */
interface SharedStates {
  readonly size: number
  readonly bits: Ints
  readonly classes: Ints
  readonly stopped: Ints
}

interface SharedQueues {
  readonly head: Ints
  readonly rest: Ints
  readonly lengths: Ints
  readonly pushed: SharedPairMap
  readonly aged: SharedPairMap
}

/** Moves the tables into memory that threads share, and says where everything lies. */
export const sharedTablesOf = (tables: Tables, smallGroup: SmallGroupRows | undefined, dead: DeadMessages | undefined): SharedTables => {
  const { packets, bits, sends, outcomes, predicates, changes, questions } = tables
  const each = (list: readonly Ints[]): readonly Ints[] => list.map(ints => ints.share())
  const byRole = new Map(
    tables.locals.map(locals => [locals, { size: locals.size, bits: locals.bits.share(), classes: locals.classes.share(), stopped: locals.stopped.share() }]),
  )
  return {
    tuning: tables.tuning,
    nodeCount: tables.nodeCount,
    fifo: tables.fifo,
    fairLoss: tables.fairLoss,
    fixedComponents: tables.fixedComponents,
    componentSizes: Array.from({ length: tables.componentCount }, (_, c) => tables.componentSize(c)),
    groupSize: tables.symmetry.groupSize,
    nodes: tables.system.nodes.map(({ index, role }) => ({ index, role })),
    faults: tables.system.faults,
    flightBound: tables.system.flightBound,
    hasPairs: predicates.hasPairs,
    failing: predicates.failing,
    pairs: predicates.sharePairs(),
    locals: tables.locals.map(locals => byRole.get(locals) as SharedStates),
    observers: tables.observers.map(({ size, bits, classes }) => ({ size, bits: bits.share(), classes: classes.share() })),
    packets: { from: packets.from.share(), to: packets.to.share(), column: packets.column.share() },
    bits: { packet: bits.packet.share(), next: bits.next.share(), copy: bits.copy.share(), first: bits.first.share() },
    sends: { start: sends.start.share(), data: sends.data.share() },
    outcomes: {
      start: outcomes.start.share(),
      to: outcomes.to.share(),
      sends: outcomes.sends.share(),
      emits: outcomes.emits.share(),
      broken: outcomes.broken.share(),
      cut: outcomes.cut.share(),
    },
    cells: tables.shareCells(),
    strides: tables.strides,
    acts: each(tables.acts),
    recoveries: each(tables.recoveries),
    stopped: each(tables.stopped),
    ticks: tables.ticks.map(each),
    observations: tables.observations.map(map => map.share()),
    queues: tables.queues.map(queues => ({
      head: queues.head.share(),
      rest: queues.rest.share(),
      lengths: queues.lengths.share(),
      pushed: queues.sharePushed(),
      aged: queues.shareAged(),
    })),
    channel: tables.channel.share(),
    aged: each(tables.aged),
    duePackets: tables.duePackets.share(),
    partition: tables.partition,
    time: tables.time,
    globalMemos: tables.globalMemos.map(memo => memo.share()),
    globalLists: tables.globalLists,
    globalTaken: tables.globalTaken.share(),
    changes: { places: changes.places.share(), to: changes.to.share(), broken: changes.broken.share() },
    questions: questions.share(),
    worldMemos: tables.worldMemos.map(memo => memo.share()),
    restMemo: tables.restMemo.share(),
    smallGroup: smallGroup && { ...smallGroup, terms: shareTerms(smallGroup.terms, each) },
    dead: dead?.shareRows(),
  }
}

const shareTerms = (
  { members, components, componentImages, places }: SmallGroupRows['terms'],
  each: (list: readonly Ints[]) => readonly Ints[],
): SmallGroupRows['terms'] => ({ members, components: each(components), componentImages: each(componentImages), places: places.share() })
