/*
 * Mutual exclusion with logical clocks, 3 processes.
 * L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 21(7), 1978.
 *
 * The same distinct states as specs/lamport-mutex/protocol.ts: a step is one reaction, request, entry or exit, and the step that
 * would take a clock beyond MAX does not exist. 724,274 for MAX = 6. The three places in the code follow from the variables, so they add
 * no states; they spare Spin the entry where a process cannot enter, and so give its partial order reduction the little that it finds.
 *
 * Others are numbered 1 and 2 from each process onwards. A channel never holds more than three messages: a Request, the Ack of
 * the other's, a Release. What the bound forbids is told by the kinds of message, not by polling, which would end the exclusive use
 * of the channels that Spin's partial order reduction needs.
 */
#ifndef MAX
#define MAX 6
#endif

/* LastRequest is a Request of clock MAX, which nobody can receive within the bound; Nothing is never sent. */
mtype = { Request, LastRequest, Ack, Release, Nothing }

/* channel[3 * p + d] leads from process p to process (p + d) mod 3 */
chan channel[9] = [3] of { mtype, byte }

byte inside

/* Does the own request (own) of p precede that of q (theirs; 0: none)? Ties are broken by the order of the processes. */
#define PRECEDES(own, p, theirs, q) (theirs == 0 || own < theirs || (own == theirs && p < q))

#define REACTIONS(d, in, out) \
  :: d_step { \
       in?eval((clock < MAX -> Request : Nothing)), number -> \
       clock = (number > clock -> number : clock) + 1; requests[d] = number; number = 0; \
       out!Ack(0) \
     } \
  :: d_step { in?Ack(number) -> number = 0; acks[d] = 1 } \
  :: d_step { in?Release(number) -> number = 0; requests[d] = 0 }

active [3] proctype process() {
  chan in1 = channel[3 * ((_pid + 1) % 3) + 2]
  chan in2 = channel[3 * ((_pid + 2) % 3) + 1]
  chan out1 = channel[3 * _pid + 1]
  chan out2 = channel[3 * _pid + 2]
  xr in1
  xr in2
  xs out1
  xs out2
  byte clock = 1
  /* the clock of each process's request, 0 for none; from whom an Ack has come */
  byte requests[3]
  bit acks[3]
  bit in_critical_section
  byte number

end_idle:
  do
  :: d_step {
       requests[0] == 0 ->
       requests[0] = clock
       if
       :: clock < MAX -> out1!Request(clock); out2!Request(clock)
       :: else -> out1!LastRequest(clock); out2!LastRequest(clock)
       fi
     }; break
  REACTIONS(1, in1, out1)
  REACTIONS(2, in2, out2)
  od
end_waiting:
  do
  :: d_step {
       acks[1] && acks[2] &&
       PRECEDES(requests[0], _pid, requests[1], (_pid + 1) % 3) && PRECEDES(requests[0], _pid, requests[2], (_pid + 2) % 3) ->
       in_critical_section = 1; inside++; assert(inside == 1)
     }; break
  REACTIONS(1, in1, out1)
  REACTIONS(2, in2, out2)
  od
end_critical:
  do
  :: d_step {
       in_critical_section = 0; inside--; requests[0] = 0; acks[1] = 0; acks[2] = 0; out1!Release(0); out2!Release(0)
     }; goto end_idle
  REACTIONS(1, in1, out1)
  REACTIONS(2, in2, out2)
  od
}
