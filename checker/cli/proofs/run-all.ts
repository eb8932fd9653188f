import type { ProofCache } from './cache.ts'
import { failed, type Judged, judged } from './judged.ts'
import { type Planned, secondsOf } from './plan.ts'
import type { Pool } from './pool.ts'
import { type Found, runTask } from './task.ts'

/** No processes: in this one. */
export interface Here {
  readonly size: 1
}

export interface How {
  readonly cache: ProofCache | undefined
  /** What is kept is not looked at. */
  readonly fresh: boolean
  readonly update: boolean
  /** The version of the checker. */
  readonly checker: string
  /** Hears of each as soon as it is known. */
  found(judged: Judged): Promise<void>
}

/** Derives all of a plan. With several processes the longest begin first; `say` hears of each in the order of the plan, as soon as all before it are known. */
export const runAll = async (plan: readonly Planned[], pool: Pool | Here, how: How, say: (judged: Judged) => Promise<void>): Promise<void> => {
  const ready = new Map<Planned, Judged>()
  let said = 0
  let saying = Promise.resolve()
  const sayReady = async (): Promise<void> => {
    for (let next = ready.get(plan[said] as Planned); next !== undefined; next = ready.get(plan[said] as Planned)) {
      said++
      await say(next)
    }
  }
  const left = pool.size === 1 ? [...plan] : [...plan].sort((a, b) => secondsOf(b) - secondsOf(a))
  const runner = async (): Promise<void> => {
    for (let planned = left.shift(); planned !== undefined; planned = left.shift()) {
      const judged = await derive(planned, pool, how)
      ready.set(planned, judged)
      await how.found(judged)
      saying = saying.then(sayReady)
      await saying
    }
  }
  await Promise.all(Array.from({ length: pool.size }, runner))
}

const derive = async (planned: Planned, pool: Pool | Here, { cache, fresh, update, checker }: How): Promise<Judged> => {
  const { spec, task } = planned
  try {
    const key = await cache?.keyOf(spec, task)
    const known = key === undefined || fresh ? undefined : cache?.read(key)
    if (known !== undefined) return judged(planned, known, true, update, checker)
    const found = 'run' in pool ? await pool.run(task) : await runTask(spec, task)
    if (key !== undefined) await keep(cache, key, planned, found)
    return judged(planned, found, false, update, checker)
  } catch (error) {
    return failed(planned, error)
  }
}

/** Under the question as it was asked, and as it will be asked once it is recorded how far the behaviour was looked at. */
const keep = async (cache: ProofCache | undefined, key: string, { spec, task }: Planned, found: Found): Promise<void> => {
  cache?.write(key, found)
  if (found.behaviour === null) return
  const { covers, states } = found.behaviour
  const next = await cache?.keyOf(spec, { ...task, extent: { covers, states } })
  if (next !== undefined && next !== key) cache?.write(next, found)
}
