/**
 * How long a page takes to open: a random execution of 60 steps of Raft with 7 nodes, in Chromium, from a file. `npx tsx bench/page.ts [--keep FILE] [PAGE…]`
 * The time of each opening runs from the navigation until diagram and states are painted and a key has been answered by the next step; then every step is taken by its key. The window is open
 * before, and has come to rest: its own start is not the page's. Pages that were kept before a change are opened in turn with the one of now.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chromium } from 'playwright-core'
import { loadSpec } from '../checker/cli/load.ts'
import { makePage } from '../checker/cli/page.ts'
import { findVariant } from '../checker/cli/variant.ts'
import { System } from '../checker/run/system.ts'
import { randomFrom } from '../checker/search/random.ts'
import { traceOf } from '../checker/trace/trace-of.ts'
import { Walker, type WalkStep } from '../checker/trace/walk.ts'

const NODES = 7
const STEPS = 60
const ROUNDS = 4

const spec = await loadSpec('raft', process.cwd())
const parameters = { ...spec.defaults, nodes: NODES, terms: 3, broadcasts: 2, length: 4 }
const protocol = spec.make(parameters)
const walker = new Walker(new System(protocol))
const random = randomFrom(1)
const initial = walker.initial()
const steps: WalkStep[] = []
for (let state = initial; steps.length < STEPS; ) {
  // What is old is received, and crashes are rare, so that leaders are elected.
  const all = walker.successors(state).filter(({ kind }) => kind === 'receive' || random(6) === 0)
  const next = all[random(Math.max(1, all.length))]
  if (next === undefined) continue
  steps.push(next)
  state = next.next
}
const trace = traceOf(walker.system, 'electionSafety', initial, steps)
const { html } = await makePage({ trace, protocol: { spec, variant: findVariant(spec, {}), parameters }, command: 'bench/page.ts' })
const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
const made = join(folder, 'now.html')
writeFileSync(made, html)
const given = process.argv.slice(2)
const [keep, others] = given[0] === '--keep' ? [given[1], given.slice(2)] : [undefined, given]
if (keep !== undefined) writeFileSync(keep, html)

const browser = await chromium.launch({ executablePath: process.env['PROTOCHECK_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const inspector = await browser.newBrowserCDPSession()
/** CPU milliseconds of all processes of the browser. */
const cpu = async (): Promise<number> => {
  const { processInfo } = await inspector.send('SystemInfo.getProcessInfo')
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
}
const atRest = async (): Promise<void> => {
  for (let before = await cpu(), calm = 0; calm < 2; ) {
    await new Promise(resolve => setTimeout(resolve, 300))
    const now = await cpu()
    calm = now - before < 20 ? calm + 1 : 0
    before = now
  }
}

interface Times {
  readonly opened: number[]
  readonly openedCpu: number[]
  readonly step: number[]
  readonly stepCpu: number[]
}
const measure = async (file: string, { opened, openedCpu, step, stepCpu }: Times): Promise<void> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  await atRest()
  const started = await cpu()
  await page.goto(`file://${file}`, { waitUntil: 'commit' })
  // From the browser's own clock, whose zero is the navigation.
  opened.push(
    (await page.evaluate(`(async () => {
      const until = async seen => { while (!seen()) await new Promise(resolve => setTimeout(resolve, 5)) }
      // The second frame begins when the first is handed over.
      const frame = () => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      await until(() => document.querySelectorAll('.row:not(.episode)').length === ${STEPS + 1} && document.querySelectorAll('.card').length >= ${NODES})
      await frame()
      dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }))
      await until(() => document.querySelector('.row[aria-current] .line')?.textContent.trim().startsWith('1. '))
      await frame()
      return performance.now()
    })()`)) as number,
  )
  openedCpu.push((await cpu()) - started)
  await atRest()
  const [before, cpuBefore] = [performance.now(), await cpu()]
  for (let i = 0; i < STEPS; i++) await page.keyboard.press('ArrowRight')
  step.push((performance.now() - before) / STEPS)
  stepCpu.push(((await cpu()) - cpuBefore) / STEPS)
  await page.close()
}

const files = [...others, made]
const times = files.map((): Times => ({ opened: [], openedCpu: [], step: [], stepCpu: [] }))
for (let round = 0; round < ROUNDS; round++) for (const [i, file] of files.entries()) await measure(resolve(file), times[i] as Times)
await browser.close()
rmSync(folder, { recursive: true })
const told = (of: readonly number[]): string =>
  `${Math.round(Math.min(...of))} ms at best, ${Math.round(of.toSorted((a, b) => a - b)[of.length >> 1] as number)} ms in the middle of ${of.length}`
for (const [i, file] of files.entries()) {
  const { opened, openedCpu, step, stepCpu } = times[i] as Times
  process.stdout.write(
    `${file === made ? `The page of now, ${html.length} bytes` : file}. Opened in ${told(opened)}; CPU of all processes of the browser: ${told(openedCpu)}. A step by its key: ${told(step)}; CPU: ${told(stepCpu)}.\n`,
  )
}
