import { SpecError, type SpecErrorParts } from '../../protocol/errors.ts'
import { loadSpec, type Spec } from '../load.ts'
import { startWatchdog } from '../watchdog.ts'
import { runTask, type Task } from './task.ts'

/** What the process that asks sends, and what it is answered. */
export interface Asked {
  readonly task: Task
  readonly directory: string
}

export type Answer = { readonly found: unknown } | { readonly error: SpecErrorParts }

const answer = (said: Answer): void => void process.send?.(said)

const specs = new Map<string, Promise<Spec>>()

const specOf = (name: string, directory: string): Promise<Spec> => {
  const known = specs.get(name) ?? loadSpec(name, directory)
  specs.set(name, known)
  return known
}

startWatchdog(error => {
  process.send?.({ error }, () => process.exit(2))
})

process.on('message', async ({ task, directory }: Asked) => {
  try {
    answer({ found: await runTask(await specOf(task.protocol, directory), task) })
  } catch (error) {
    answer({
      error:
        error instanceof SpecError
          ? error.parts
          : { title: 'DEFECT', place: task.protocol, what: error instanceof Error ? String(error.stack) : String(error) },
    })
  }
})

// Whoever asks is gone: so is this.
process.on('disconnect', () => process.exit(0))
