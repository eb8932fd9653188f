/**
 * How long a page takes to open: a random execution of 60 steps of Raft with 7 nodes, in Chromium, from a file. `npx tsx bench/page.ts [--keep FILE]`
 * The time of each opening runs from the navigation to the first frame that shows the last step; then every step is taken by its key.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { loadSpec } from '../checker/cli/load.ts'
import { makePage } from '../checker/cli/page.ts'
import { findVariant } from '../checker/cli/variant.ts'
import { System } from '../checker/run/system.ts'
import { randomFrom } from '../checker/search/random.ts'
import { traceOf } from '../checker/trace/trace-of.ts'
import { Walker, type WalkStep } from '../checker/trace/walk.ts'

const STEPS = 60
const ROUNDS = 4

const spec = await loadSpec('raft', process.cwd())
const parameters = { ...spec.defaults, nodes: 7, terms: 3, broadcasts: 2, length: 4 }
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
const file = join(folder, 'page.html')
writeFileSync(file, html)
const keep = process.argv.indexOf('--keep')
if (keep !== -1) writeFileSync(process.argv[keep + 1] as string, html)

const browser = await chromium.launch({ executablePath: process.env['PROTOCHECK_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const inspector = await browser.newBrowserCDPSession()
/** CPU milliseconds of all processes of the browser. */
const cpu = async (): Promise<number> => {
  const { processInfo } = await inspector.send('SystemInfo.getProcessInfo')
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0)
}
const opened: number[] = []
const busy: number[] = []
const walked: number[] = []
for (let round = 0; round < ROUNDS; round++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const started = await cpu()
  await page.goto(`file://${file}`, { waitUntil: 'commit' })
  // From the browser's own clock, whose zero is the navigation.
  opened.push(
    (await page.evaluate(`new Promise(resolve => {
      const look = () => (document.querySelectorAll('.row:not(.episode)').length === ${STEPS + 1} ? requestAnimationFrame(() => resolve(performance.now())) : setTimeout(look, 5))
      look()
    })`)) as number,
  )
  busy.push((await cpu()) - started)
  const before = performance.now()
  for (let i = 0; i < STEPS; i++) await page.keyboard.press('ArrowRight')
  walked.push((performance.now() - before) / STEPS)
  await page.close()
}
await browser.close()
rmSync(folder, { recursive: true })
const told = (of: readonly number[]): string =>
  `${Math.round(Math.min(...of))} ms at best, ${Math.round(of.toSorted((a, b) => a - b)[of.length >> 1] as number)} ms in the middle of ${of.length}`
process.stdout.write(
  `${html.length} bytes. Opened in ${told(opened)}; CPU of all processes of the browser: ${told(busy)}. A step by its key: ${told(walked)}.\n`,
)
