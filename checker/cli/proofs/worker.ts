import { SpecError } from '../../protocol/errors.ts'
import { loadSpec, type Spec } from '../load.ts'
import { runMutant } from '../mutations/mutant-task.ts'
import { startWatchdog } from '../watchdog.ts'
import { type Answer, type Asked, questionOf } from './asked.ts'
import { runTask } from './task.ts'

const answer = (said: Answer): void => void process.send?.(said)

const specs = new Map<string, Promise<Spec>>()

const specOf = (name: string, directory: string): Promise<Spec> => {
  const known = specs.get(name) ?? loadSpec(name, directory)
  specs.set(name, known)
  return known
}

const watchdog = startWatchdog(error => {
  const last: Answer = { error, isLast: true }
  process.send?.(last, () => process.exit(2))
})

const found = async (asked: Asked): Promise<unknown> => {
  const { directory } = asked
  const spec = await specOf(questionOf(asked).protocol, directory)
  if ('task' in asked) return runTask(spec, asked.task)
  const over = watchdog.during(asked.mutant.seconds)
  try {
    return await runMutant(spec, asked.mutant, directory)
  } finally {
    over()
  }
}

process.on('message', async (asked: Asked) => {
  try {
    answer({ found: await found(asked) })
  } catch (error) {
    answer({
      error:
        error instanceof SpecError
          ? error.parts
          : { title: 'DEFECT', place: questionOf(asked).protocol, what: error instanceof Error ? String(error.stack) : String(error) },
    })
  }
})

// Whoever asks is gone: so is this.
process.on('disconnect', () => process.exit(0))
