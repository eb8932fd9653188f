/*
 * Leader election on a ring of one direction, with O(N log N) messages.
 * D. Dolev, M. Klawe and M. Rodeh, "An O(n log n) Unidirectional Distributed Algorithm for Extrema Finding in a Circle",
 * J. Algorithms 3(3), 1982, algorithm A; then the winner's number goes once around the ring.
 *
 * N processes; STRIDE, which has no divisor in common with N, says how the ring is numbered: process i has the number
 * (i * STRIDE) mod N + 1. The default, N - 1, numbers it downwards in the direction of the messages: one phase decides.
 *
 * The same distinct states as bench/ring-election/protocol.ts: each process is sequential (it sends its number, then it reacts), a
 * reaction is one atomic step, no process ends. With -DFINE a reaction is several steps (receive, test, send), as Promela is mostly
 * written: many more states for the same behaviour.
 *
 * Checked of every process: the leader that it hears of has the greatest number, N. This looks at one process only,
 * and the channels are declared exclusive, so that Spin's partial order reduction has all it can use.
 */
#ifndef N
#define N 8
#endif
#ifndef STRIDE
#define STRIDE (N - 1)
#endif
#ifdef FINE
#define REACTION
#else
#define REACTION d_step
#endif

/* With -DLIVE: in the end every process has learnt who leads; `pan -a -f` asks that of weakly fair executions. */
#ifdef LIVE
byte learnt
#define LEARNT learnt++
ltl everyNodeLearns { <> (learnt == N) }
#else
#define LEARNT skip
#endif

mtype = { M1, M2, Leader }

/* ring[i] leads to process i. Each process sends one message by itself and at most one for each that it receives: N in all. */
chan ring[N] = [N] of { mtype, byte }

active [N] proctype node() {
  chan in = ring[_pid]
  chan out = ring[(_pid + 1) % N]
  xr in
  xs out
  bool competes = true
  /* the number that this process stands for in this phase, and that of the next competing process upstream */
  byte max = (_pid * STRIDE) % N + 1
  byte left
  byte leader
  byte number

  out!M1(max)
end:
  do
  :: REACTION {
       in?M1(number)
       if
       :: !competes -> out!M1(number)
       :: competes && number != max -> left = number; out!M2(number)
       :: competes && number == max -> leader = number; LEARNT; assert(leader == N); out!Leader(number)
       fi
       number = 0
     }
  :: REACTION {
       in?M2(number)
       if
       :: !competes -> out!M2(number)
       :: competes && left > number && left > max -> max = left; out!M1(max)
       :: competes && !(left > number && left > max) -> competes = false
       fi
       number = 0
     }
  :: REACTION {
       in?Leader(number)
       if
       :: leader == 0 -> leader = number; LEARNT; assert(leader == N); out!Leader(number)
       :: leader != 0
       fi
       number = 0
     }
  od
}
