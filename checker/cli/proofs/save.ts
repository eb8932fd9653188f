import { join, resolve } from 'node:path'
import { renderText } from '../../trace/render-text.ts'
import type { Trace } from '../../trace/trace.ts'
import { tryToWrite, writeText } from '../files.ts'
import { makePage } from '../page.ts'
import { fileName, saveTrace } from '../save.ts'
import type { Terminal } from '../terminal.ts'
import { commandOf, titleOf } from './judged.ts'
import type { Planned } from './plan.ts'
import { restored, variantOf } from './task.ts'

/** Keeps a counterexample where CI can take it as an artifact: the trace, its drawing, and the page. @returns lines that say so, or why not */
export const saveCounterexample = async (planned: Planned, trace: Trace, folder: string, { directory }: Terminal): Promise<readonly string[]> => {
  const { spec, task } = planned
  const place = join(folder, fileName(titleOf(planned)))
  try {
    tryToWrite(resolve(directory, `${place}.json`))
    saveTrace(trace, renderText(trace), `${place}.json`, directory)
    const protocol = { spec, variant: variantOf(spec, task.variant), parameters: restored(spec, task.parameters) }
    const { html } = await makePage({ trace, protocol, command: commandOf(planned) })
    writeText(resolve(directory, `${place}.html`), html)
    return [`Saved: ${place}.json, .txt and .html`]
  } catch (error) {
    return [`The counterexample could not be saved in ${folder}: ${(error as Error).message}`]
  }
}
