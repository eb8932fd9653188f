/*
 * Two-phase commit, in the form of J. Gray and L. Lamport, "Consensus on Transaction Commit", ACM TODS 31(1), 2006
 * (their specification TwoPhase). N resource managers, at most 10: spin -DN=8 -a two-phase-commit.pml
 *
 * A set of resource managers is an N-bit number. The transaction manager's messages are those of the paper: a set that only grows.
 * Steps that change nothing are left out, and each step is one d_step of one process that has a single control state, so that
 * Spin's stored states are exactly the distinct states of the specification:
 *
 *   N    3     4      5       6        7          8           9
 *      288  1,568  8,832  50,816  296,448  1,745,408  10,340,352
 *
 * Written for speed in Spin: bit fields keep the state vector short, and the steps are unrolled, so that masks are constants.
 */
#ifndef N
#define N 8
#endif
#define ALL ((1 << N) - 1)

/* Resource managers that are prepared, committed, aborted; the rest are working. */
unsigned prepared : N
unsigned committed : N
unsigned aborted : N
/* The transaction manager: whom it knows to be prepared, and its decision (neither bit set: none yet). */
unsigned known : N
bit tm_committed
bit tm_aborted
/* Messages: Prepared from each resource manager, Commit, Abort. */
unsigned sent_prepared : N
bit sent_commit
bit sent_abort

#define CONSISTENT !(committed && aborted)

#define BIT(rm) (1 << (rm))

#define STEPS(rm) \
  :: d_step { !tm_committed && !tm_aborted && (sent_prepared & ~known & BIT(rm)) -> known = known | BIT(rm) } \
  :: d_step { !((prepared | committed | aborted) & BIT(rm)) -> prepared = prepared | BIT(rm); sent_prepared = sent_prepared | BIT(rm) } \
  :: d_step { !((prepared | committed | aborted) & BIT(rm)) -> aborted = aborted | BIT(rm); assert(CONSISTENT) } \
  :: d_step { sent_commit && !(committed & BIT(rm)) -> \
       committed = committed | BIT(rm); prepared = prepared & ~BIT(rm); aborted = aborted & ~BIT(rm); assert(CONSISTENT) } \
  :: d_step { sent_abort && !(aborted & BIT(rm)) -> \
       aborted = aborted | BIT(rm); prepared = prepared & ~BIT(rm); committed = committed & ~BIT(rm); assert(CONSISTENT) }

active proctype system() {
end:
  do
  :: d_step { !tm_committed && !tm_aborted && known == ALL -> tm_committed = 1; sent_commit = 1 }
  :: d_step { !tm_committed && !tm_aborted -> tm_aborted = 1; sent_abort = 1 }
  STEPS(0)
#if N > 1
  STEPS(1)
#endif
#if N > 2
  STEPS(2)
#endif
#if N > 3
  STEPS(3)
#endif
#if N > 4
  STEPS(4)
#endif
#if N > 5
  STEPS(5)
#endif
#if N > 6
  STEPS(6)
#endif
#if N > 7
  STEPS(7)
#endif
#if N > 8
  STEPS(8)
#endif
#if N > 9
  STEPS(9)
#endif
  od
}
