/** The page in a real browser: Debian's Chromium, by playwright-core. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explore } from '../../checker/check/explore.ts'
import { loadSpec } from '../../checker/cli/load.ts'
import { makePage } from '../../checker/cli/page.ts'
import { readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { System } from '../../checker/run/system.ts'
import { episodesOf } from '../../checker/trace/episodes.ts'
import { renderMermaid } from '../../checker/trace/formats/mermaid.ts'
import { renderMermaidGraph } from '../../checker/trace/formats/mermaid-graph.ts'
import { renderSvg } from '../../checker/trace/formats/svg.ts'
import { graphOf, type StateGraph } from '../../checker/trace/graph.ts'
import { showTagged } from '../../checker/trace/show.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { visible } from '../../checker/trace/visible.ts'
import { withVisibleNames } from '../../checker/trace/visible-names.ts'
import { Walker } from '../../checker/trace/walk.ts'
import { unfairLock } from '../fixtures/unfair-lock.ts'
import { axeViolations, pageOfSaved, troublesIn, unreachedByTab } from '../support/page-trouble.ts'
import { everything, walks } from '../support/trace-support.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const executablePath = process.env['PROTOCHECK_CHROMIUM'] ?? '/usr/bin/chromium'
const folder = mkdtempSync(join(tmpdir(), 'browser-'))

let browser: Browser
beforeAll(async () => {
  if (!existsSync(executablePath))
    throw new Error(`These tests need a browser, and there is no ${executablePath}: apt-get install -y chromium, or name another by PROTOCHECK_CHROMIUM.`)
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true })
})

/** A page in a file, and what it did that it must not. */
const open = async (html: string, { hash = '', width = 1280, dark = false } = {}) => {
  const file = join(folder, 'page.html')
  writeFileSync(file, html)
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' })
  const page = await context.newPage()
  const bad: string[] = []
  page.on('dialog', async dialog => {
    bad.push(`dialog ${dialog.message()}`)
    await dialog.dismiss()
  })
  page.on('pageerror', error => void bad.push(`error ${error.message}`))
  page.on('request', request => {
    const url = request.url()
    if (!/^(file:|blob:)/.test(url)) bad.push(`request ${url}`)
  })
  page.on('console', message => {
    if (message.type() === 'error') bad.push(`console ${message.text()}`)
  })
  await page.goto(`file://${file}${hash}`)
  await page.waitForSelector('.bar')
  return { page, bad, close: () => context.close() }
}

const textOf = async (page: Page, selector: string): Promise<string> => (await page.textContent(selector)) ?? ''
const stepOf = (page: Page): Promise<string> => textOf(page, '.step')
const placeOf = async (page: Page): Promise<string> => (await textOf(page, '.where')).trim()

describe('a counterexample', () => {
  test('is walked by keyboard alone; nothing moves but what is looked at; its address leads there again', async () => {
    const { html, trace } = await pageOfSaved('raft/figure8', root)
    const { page, bad, close } = await open(html)
    const look = async () =>
      (await page.evaluate(`({
      place: document.querySelector('.where').textContent.trim(),
      step: document.querySelector('.step').textContent,
      boxes: JSON.stringify(['header', '.bar', '.diagram', '.step', '.states', '.below', '.where'].map(s => document.querySelector(s).getBoundingClientRect())),
      isInView: (() => {
        const [row, box] = ['.row[aria-current]', '.diagram'].map(s => document.querySelector(s).getBoundingClientRect())
        return row.top >= box.top && row.bottom <= box.bottom + 1
      })(),
    })`)) as { readonly place: string; readonly step: string; readonly boxes: string; readonly isInView: boolean }
    const { boxes } = await look()
    for (const [i, step] of trace.steps.entries()) {
      await page.keyboard.press('ArrowRight')
      const seen = await look()
      expect(seen).toMatchObject({ place: `step ${i + 1} of 20`, boxes, isInView: true })
      expect(seen.step).toContain(`${i + 1}. ${stepText(step)}`)
      expect(seen.step).toContain(i < 19 ? '✓ leaderCompleteness holds here.' : '✗ leaderCompleteness is violated. n1 and n2 together break it.')
    }
    await page.keyboard.press('k')
    await page.keyboard.press('k')
    await expect.poll(async () => (await look()).place).toBe('step 18 of 20')
    await expect.poll(() => new URL(page.url()).hash.length).toBeGreaterThan(100)
    await page.waitForTimeout(300)
    const hash = new URL(page.url()).hash
    // As a story: an episode is a step.
    for (const key of ['Home', 's']) await page.keyboard.press(key)
    expect((await page.$$('.row:not(.episode):not(.first)')).length).toBe(0)
    const told: string[] = []
    for (const { to } of episodesOf(trace)) {
      await page.keyboard.press('ArrowRight')
      expect((await look()).place).toBe(`step ${to} of 20`)
      told.push(await textOf(page, '[aria-current]'))
    }
    expect(await troublesIn(page)).toEqual([])
    expect(told[0]).toContain('1–5. n2 becomes leader, term 2')
    expect(told[6]).toContain('19–20. n2 becomes leader, term 4')
    for (const key of ['ArrowLeft', 'e']) await page.keyboard.press(key)
    expect([(await look()).place, await textOf(page, '.row[aria-current]')]).toEqual(['step 18 of 20', expect.stringContaining('18. n1 receives LogResponse')])
    await page.keyboard.press('ArrowLeft')
    expect((await look()).place).toBe('step 17 of 20')
    expect([hash.length > 100, hash.length < 600]).toEqual([true, true])
    expect(bad).toEqual([])
    await close()
    const again = await open(html, { hash, width: 390, dark: true })
    await expect.poll(() => placeOf(again.page)).toBe('step 18 of 20')
    expect(await again.page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    expect(again.bad).toEqual([])
    await again.close()
  }, 120_000)

  test('has nothing that axe-core finds: light and dark, wide and narrow, each list, the keys', async () => {
    const { html } = await pageOfSaved('quorum-register/linearizable', root)
    const wide = await open(html)
    await wide.page.keyboard.press('End')
    expect(await stepOf(wide.page)).toContain('No order of the operations explains that rea2 has the answer 0.')
    expect(await textOf(wide.page, '.operations .no-place')).toBe('rea2: read returns 0 steps 8 to 12; no order of the operations explains this answer')
    expect(await axeViolations(wide.page)).toEqual([])
    for (const key of ['2', '3', '4', 'c', '?']) await wide.page.keyboard.press(key)
    expect(await axeViolations(wide.page)).toEqual([])
    await wide.close()
    // Here the text of a step is longer than there is room.
    const long = await pageOfSaved('raft/figure8', root)
    const narrow = await open(long.html, { width: 390, dark: true })
    for (const key of ['End', '4', 't']) await narrow.page.keyboard.press(key)
    expect(await axeViolations(narrow.page)).toEqual([])
    expect(await troublesIn(narrow.page)).toEqual([])
    await narrow.close()
  }, 120_000)

  test('every control is reached by Tab, and is seen to be', async () => {
    const { html } = await pageOfSaved('lamport-mutex/reordered', root)
    const { page, close } = await open(html)
    await page.keyboard.press('ArrowRight')
    expect(await unreachedByTab(page)).toEqual([])
    await close()
  })

  test('may go on otherwise: before the fatal commit of Figure 8 something else is delivered, and the checker is asked what may still happen', async () => {
    const { html, trace } = await pageOfSaved('raft/figure8', root)
    const { page, bad, close } = await open(html)
    const commit = trace.steps.findIndex(({ name, node }, i) => i > 12 && name === 'LogResponse' && node === 'n1')
    for (let i = 0; i < commit; i++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('4')
    expect(await textOf(page, '[role=tabpanel]')).toContain(
      `Needed: without it leaderCompleteness is not violated.Without it this step cannot happen:${commit + 1}. n1 receives LogResponse`,
    )
    await page.keyboard.press('n')
    await page.keyboard.press('Enter')
    expect(await placeOf(page)).toBe(`step ${commit + 1} of ${commit + 1}`)
    expect(await stepOf(page)).not.toContain(stepText(trace.steps[commit] as Trace['steps'][number]))
    await page.keyboard.press('a')
    await expect.poll(() => textOf(page, 'p.answer'), { timeout: 50_000 }).toMatch(/^Yes, from step \d+, in \d+ steps: no fewer steps lead there/)
    const [, more] = /in (\d+) steps/.exec(await textOf(page, 'p.answer')) as unknown as [string, string]
    expect(await placeOf(page)).toBe(`step ${commit + 1} of ${commit + 1 + Number(more)}`)
    await page.keyboard.press('End')
    expect(await stepOf(page)).toContain('✗ leaderCompleteness is violated.')
    await page.keyboard.press('3')
    expect(await textOf(page, '[role=tabpanel]')).toContain('an answer of the checker')
    // Code that is made of text is refused by the page: the checker looks whether it may, and does without.
    expect(bad.filter(text => !text.includes("'unsafe-eval'"))).toEqual([])
    await close()
  })
})

test('an explorer is asked from the start, and says at each step what is violated', async () => {
  const spec = await loadSpec('lamport-mutex', root)
  const { html } = await makePage({
    trace: null,
    protocol: { spec, variant: findVariant(spec, { mutant: 'impatient' }), parameters: { ...spec.defaults, processes: 2 } },
    command: 'a test',
  })
  const { page, close } = await open(html)
  expect(await stepOf(page)).toBe('At the start. Nothing has happened.')
  await page.click('.property:has-text("mutualExclusion")')
  await page.keyboard.press('a')
  await expect.poll(() => textOf(page, 'p.answer'), { timeout: 50_000 }).toMatch(/^Yes, from the start, in \d+ steps/)
  expect(await stepOf(page)).not.toContain('violated')
  await page.keyboard.press('End')
  expect(await stepOf(page)).toContain('✗ mutualExclusion is violated.')
  await close()
}, 60_000)

const texts = [
  '</script><script>window.pwned = 1</script>',
  '<img src=x onerror="window.pwned = 1">',
  '"><svg onload="window.pwned = 1">',
  'javascript:window.pwned=1',
  '\u001b[31mred\u001b]0;title\u0007',
  'a\ud800b\udc00',
  '\u202eright\u2066to left',
  '{{constructor.constructor("window.pwned=1")()}}',
  `${'long'.repeat(200)}`,
]

/** A trace in which every name, and every text, would do something if it were taken for more. */
const hostile = ((): Trace => {
  const nested = (depth: number): never => (depth === 0 ? 1 : { $map: [[texts[0], nested(depth - 1)]] }) as never
  const nodes = texts.slice(0, 4)
  const state = (i: number) => ({ [texts[i % 9] as string]: texts[(i + 1) % 9], constructor: 'x', toString: 1, count: '7', deep: nested(60) }) as never
  return {
    ...everything,
    protocol: texts[0] as string,
    mutant: texts[1] as string,
    property: texts[2] as string,
    because: `${texts.join('\n')}${'long '.repeat(100_000)}`,
    nodes,
    initial: { nodes: Object.fromEntries(nodes.map((node, i) => [node, state(i)])), observers: { [texts[3] as string]: state(5) } },
    steps: texts.map((text, i) => ({
      kind: i % 2 === 0 ? 'receive' : 'action',
      node: nodes[i % 4] as string,
      name: text,
      from: i % 2 === 0 ? (nodes[(i + 1) % 4] as string) : null,
      message: i % 2 === 0 ? ({ type: text, text, deep: nested(20) } as never) : null,
      choices: [text],
      sent: [{ from: nodes[i % 4] as string, to: nodes[(i + 2) % 4] as string, message: { type: text, [text]: text } as never }],
      emitted: [{ from: nodes[0] as string, event: { type: text } as never }],
      nodes: { [nodes[i % 4] as string]: state(i + 2) },
      observers: { [texts[3] as string]: state(i) },
    })),
  }
})()

test('an execution that goes on for ever is gone through again and again, unless somebody goes on otherwise; one that does not is told', async () => {
  const trace = (await explore(unfairLock)).counterexample as Trace
  const { repeatsFrom = 0, steps } = trace
  const spec = await loadSpec('./test/fixtures/unfair-lock.ts', root)
  const pageFor = async (shown: Trace) =>
    open((await makePage({ trace: shown, protocol: { spec, variant: findVariant(spec, {}), parameters: {} }, command: 'a test' })).html)
  const { page, bad, close } = await pageFor(trace)
  expect(await textOf(page, '.why')).toContain(`nobodyStarves is violated. Steps ${repeatsFrom + 1} to ${steps.length} may be taken again and again, for ever.`)
  await page.keyboard.press('End')
  expect(await stepOf(page)).toContain('✗ nobodyStarves is violated.')
  expect((await page.$$('svg .back')).length).toBe(1)
  await page.keyboard.press('ArrowRight')
  expect(await placeOf(page)).toBe(`step ${repeatsFrom + 1} of ${steps.length}`)
  expect(await stepOf(page)).toContain('may be taken again and again')
  await page.click('.take:not(.onward)')
  expect((await page.$$('svg .back')).length).toBe(0)
  expect(await stepOf(page)).not.toContain('violated')
  for (const key of ['Home', 'ArrowRight', 'a']) await page.keyboard.press(key)
  await expect
    .poll(() => textOf(page, 'p.answer'), { timeout: 50_000 })
    .toMatch(/^Yes, from step 1, by a fair execution: \d+ steps; .* again and again, for ever\. They are the branch/)
  await page.keyboard.press('End')
  expect(await stepOf(page)).toMatch(/✗ nobodyStarves is violated\. Steps \d+ to \d+ may be taken again and again, for ever\./)
  expect(await textOf(page, '[role=tabpanel]')).toContain('Why the execution is fair')
  expect((await page.$$('svg .back')).length).toBe(1)
  expect(bad.filter(text => !text.includes("'unsafe-eval'"))).toEqual([])
  await close()
  const other = await pageFor({ ...trace, repeatsFrom: repeatsFrom - 1 })
  expect(await textOf(other.page, '.notice')).toContain(`It leads to another state than that after step ${repeatsFrom - 1}`)
  await other.close()
}, 60_000)

describe('a hostile trace', () => {
  test('shows as text: no dialog, no request, no script', async () => {
    const trace = hostile
    const { html } = await makePage({ trace, protocol: texts[0] as string, command: texts[1] as string })
    const { page, bad, close } = await open(html)
    for (let i = 0; i < trace.steps.length; i++) {
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press(String(1 + (i % 3)))
    }
    expect(await placeOf(page)).toBe('step 9 of 9')
    await page.keyboard.press('?')
    const shown = await textOf(page, 'body')
    for (const text of texts.slice(0, 4)) expect(shown).toContain(text)
    expect(shown).toContain('\\u001b[31mred')
    // Nobody reads so much.
    expect((await textOf(page, '#page')).includes('long '.repeat(1000))).toBe(false)
    // A number that is a text is shown as one.
    expect(shown).toContain('count"7"')
    expect(await page.evaluate('[window.pwned, document.querySelectorAll("img, iframe, script:not([id])").length, document.scripts.length]')).toEqual([
      undefined,
      0,
      2,
    ])
    expect(bad).toEqual([])
    await close()
  })
})

describe('an export is read by what is not ours', async () => {
  const lasso = (await explore(unfairLock)).counterexample as Trace
  const tiny = readFileSync(createRequire(import.meta.url).resolve('@mermaid-js/tiny/dist/mermaid.tiny.js'), 'utf8')
  // Time with a lasso, clocks that drift, liars, a network that falls apart.
  const newer = ['failure-detector/perfectWithoutBounds', 'leases/safeWithDrift', 'byzantine-generals/threeAreEnough', 'cap/waitsForMost']
  const saved = ['raft/figure8', 'quorum-register/linearizable', 'lamport-mutex/reordered', ...newer].map(name =>
    readTrace(`counterexamples/${name}.json`, root),
  )
  const traces = [everything, lasso, ...walks.slice(0, 1), hostile, ...saved]

  /** An empty page with Mermaid, which does not run what a diagram brings. */
  const withMermaid = async (): Promise<Page> => {
    const page = await browser.newPage()
    page.on('dialog', dialog => void dialog.dismiss())
    await page.addScriptTag({ content: tiny })
    await page.evaluate('mermaid.initialize({ startOnLoad: false, maxTextSize: 1e6, maxEdges: 5000 })')
    return page
  }

  test('Mermaid draws each trace as a sequence diagram: its nodes, an arrow for each receipt and each loss, and all texts as they are', async () => {
    const page = await withMermaid()
    for (const trace of traces) {
      const { actors, arrows, shown } = (await page.evaluate(`(async () => {
        const source = ${JSON.stringify(renderMermaid(trace))}
        const { db } = await mermaid.mermaidAPI.getDiagramFromText(source)
        const { svg } = await mermaid.render('drawn', source)
        const root = new DOMParser().parseFromString(svg, 'text/html').body
        const { SOLID, SOLID_CROSS } = db.LINETYPE
        return {
          actors: [...db.getActors().values()].length,
          arrows: db.getMessages().filter(({ type }) => type === SOLID || type === SOLID_CROSS).length,
          shown: [...root.querySelectorAll('text')].map(e => e.textContent),
        }
      })()`)) as { readonly actors: number; readonly arrows: number; readonly shown: readonly string[] }
      const drawn = trace.steps.filter(({ kind }) => kind === 'receive' || kind === 'lose').length
      expect([trace.protocol, actors, arrows]).toEqual([trace.protocol, trace.nodes.length, drawn])
      const all = shown.join('\n')
      for (const [i, step] of withVisibleNames(trace).steps.entries())
        expect(all).toContain(step.message === null ? `${i + 1}. ${stepText(step)}` : `${i + 1}. ${showTagged(step.message)}`)
      for (const node of trace.nodes) expect(all).toContain(visible(node))
    }
    expect(await page.evaluate('window.pwned')).toBe(undefined)
    await page.close()
  }, 60_000)

  test('Mermaid draws a state graph: as many states, and as many arrows', async () => {
    const page = await withMermaid()
    for (const [name, parameters] of [
      ['transaction-commit', { resources: 2 }],
      ['two-phase-commit', { replicas: 1, coordinatorCrashes: 1, replicaCrashes: 0 }],
    ] as const) {
      const protocol = findVariant(await loadSpec(name, root), { mutant: name === 'two-phase-commit' ? 'impatient' : null }).make(parameters)
      const graph = graphOf(new Walker(new System(protocol)), { statesMax: 2000, label: 'state' }) as StateGraph
      const found = await page.evaluate(`(async () => {
        const source = ${JSON.stringify(renderMermaidGraph(graph))}
        const { db } = await mermaid.mermaidAPI.getDiagramFromText(source)
        const bad = [...db.getVertices().values()].filter(({ classes }) => classes.includes('violates')).length
        if (db.getVertices().size < 20) await mermaid.render('drawn', source)
        const named = [...db.getVertices().values()].filter(({ id, text }) => text !== undefined && text !== id).length
        return [db.getVertices().size, named, db.getEdges().length, bad]
      })()`)
      expect([name, found]).toEqual([
        name,
        [graph.states.length, graph.states.length, graph.steps.length, graph.states.filter(({ violates }) => violates.length > 0).length],
      ])
    }
    await page.close()
  }, 60_000)

  test('Chromium shows each SVG, light and dark: its texts are beside all lines, as wide as they were taken for, and nothing runs', async () => {
    const page = await browser.newPage()
    const file = join(folder, 'drawn.svg')
    const colours = new Set<string>()
    for (const [i, trace] of traces.entries()) {
      writeFileSync(file, renderSvg(trace))
      await page.emulateMedia({ colorScheme: i % 2 === 0 ? 'light' : 'dark' })
      await page.goto(`file://${file}`)
      const { tag, colour, steps, over, outside } = (await page.evaluate(`(() => {
        const boxes = selector => [...document.querySelectorAll(selector)].map(e => [e.textContent, e.getBoundingClientRect()])
        const drawn = [...boxes('.message, .again, .life, .flight, .lost'), ...boxes('circle')].map(([, box]) => box)
        const texts = boxes('.step, .minor')
        const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
        const paper = document.documentElement.getBoundingClientRect()
        return {
          tag: document.documentElement.tagName,
          colour: getComputedStyle(document.documentElement).backgroundColor,
          steps: texts.length,
          over: texts.filter(([, box]) => drawn.some(one => meets(one, box))).map(([text]) => text),
          outside: texts.filter(([, box]) => box.right > paper.right || box.bottom > paper.bottom).map(([text]) => text),
        }
      })()`)) as {
        readonly tag: string
        readonly colour: string
        readonly steps: number
        readonly over: readonly string[]
        readonly outside: readonly string[]
      }
      expect([trace.protocol, tag, over, outside, steps >= trace.steps.length]).toEqual([trace.protocol, 'svg', [], [], true])
      colours.add(colour)
    }
    expect([...colours].sort()).toEqual(['rgb(20, 23, 26)', 'rgb(255, 255, 255)'])
    expect(await page.evaluate('window.pwned')).toBe(undefined)
    await page.close()
  }, 60_000)
})
