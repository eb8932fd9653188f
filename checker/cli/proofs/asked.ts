import type { SpecErrorParts } from '../../protocol/errors.ts'
import type { MutantTask } from '../mutations/mutant-task.ts'
import type { Task } from './task.ts'

/** What a process beside this one may be asked: a proof, or a mutant. */
export type Question = { readonly task: Task } | { readonly mutant: MutantTask }

/** What it is sent, and what it answers. */
export type Asked = Question & { readonly directory: string }

/** `isLast`: code did not end, so the process does. */
export type Answer = { readonly found: unknown } | { readonly error: SpecErrorParts; readonly isLast?: true }

export const questionOf = (asked: Question): Task | MutantTask => ('task' in asked ? asked.task : asked.mutant)
