/** The page in a real browser: Debian's Chromium, by playwright-core. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSpec } from '../../checker/cli/load.ts'
import { makePage } from '../../checker/cli/page.ts'
import { parametersOf, readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import { episodesOf } from '../../checker/trace/episodes.ts'
import { stepText } from '../../checker/trace/step-text.ts'
import type { Trace } from '../../checker/trace/trace.ts'
import { everything } from '../support/trace-support.ts'

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

const pageOf = async (name: string): Promise<{ readonly html: string; readonly trace: Trace }> => {
  const trace = readTrace(`counterexamples/${name}.json`, root)
  const spec = await loadSpec(trace.protocol, root)
  const claim = trace.mutant === null && Object.hasOwn(spec.claims, trace.property) ? trace.property : null
  const { html, without } = await makePage({
    trace,
    protocol: { spec, variant: findVariant(spec, { mutant: trace.mutant, claim }), parameters: parametersOf(trace, spec, name) },
    command: 'a test',
  })
  expect(without).toBe(null)
  return { html, trace }
}

const textOf = async (page: Page, selector: string): Promise<string> => (await page.textContent(selector)) ?? ''
const stepOf = (page: Page): Promise<string> => textOf(page, '.step')
const placeOf = async (page: Page): Promise<string> => (await textOf(page, '.where')).trim()

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds, of any impact. */
const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const { violations: found } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[]
  }
  return found.map(
    ({ id, impact, nodes }) =>
      `${id} (${impact}): ${nodes
        .slice(0, 2)
        .map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`)
        .join('; ')}`,
  )
}

/** The texts of steps that a line, or a mark, of the diagram meets. */
const labelsOverLines = async (page: Page): Promise<string[]> =>
  (await page.evaluate(`(() => {
    const drawn = [...document.querySelectorAll('.diagram svg .message, .diagram svg .again, .diagram svg .life, .diagram svg circle')].map(e => e.getBoundingClientRect())
    const texts = [...document.querySelectorAll('.diagram .row .line')]
    if (drawn.length < 10 || texts.length < 5) return ['nothing is drawn']
    const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    const range = document.createRange()
    return texts.flatMap(text => {
      range.selectNodeContents(text)
      const box = text.scrollHeight > text.clientHeight + 1 ? text.getBoundingClientRect() : range.getBoundingClientRect()
      return drawn.some(one => meets(one, box)) ? [text.textContent] : []
    })
  })()`)) as string[]

describe('a counterexample', () => {
  test('is walked by keyboard alone; nothing moves but what is looked at; its address leads there again', async () => {
    const { html, trace } = await pageOf('raft/figure8')
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
    expect(told[0]).toContain('1–3. n1 becomes leader, term 1')
    expect(told[6]).toContain('17–20. n2 becomes leader, term 4')
    for (const key of ['ArrowLeft', 'e']) await page.keyboard.press(key)
    expect([(await look()).place, await textOf(page, '.row[aria-current]')]).toEqual(['step 16 of 20', expect.stringContaining('16. n2 request')])
    await page.keyboard.press('ArrowLeft')
    expect((await look()).place).toBe('step 15 of 20')
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
    const { html } = await pageOf('quorum-register/linearizable')
    const wide = await open(html)
    await wide.page.keyboard.press('End')
    expect(await stepOf(wide.page)).toContain('No order of the operations explains that rea2 has the answer 0.')
    expect(await textOf(wide.page, '.operations .no-place')).toBe('rea2: read returns 0 steps 8 to 12; no order of the operations explains this answer')
    expect(await violations(wide.page)).toEqual([])
    for (const key of ['2', '3', '4', 'c', '?']) await wide.page.keyboard.press(key)
    expect(await violations(wide.page)).toEqual([])
    await wide.close()
    const narrow = await open(html, { width: 390, dark: true })
    for (const key of ['j', 'j', 'j', '4', 't']) await narrow.page.keyboard.press(key)
    expect(await violations(narrow.page)).toEqual([])
    expect(await labelsOverLines(narrow.page)).toEqual([])
    await narrow.close()
  }, 120_000)

  test('every control is reached by Tab, and is seen to be', async () => {
    const { html } = await pageOf('lamport-mutex/reordered')
    const { page, close } = await open(html)
    await page.keyboard.press('ArrowRight')
    const reached = new Set<string>()
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      const found = (await page.evaluate(
        "(() => { const e = document.activeElement; if (e === document.body) return null; const s = getComputedStyle(e); return [e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40), s.outlineStyle, parseFloat(s.outlineWidth) >= 2] })()",
      )) as readonly [string, string, boolean] | null
      if (found === null) break
      expect(found.slice(1)).toEqual(['solid', true])
      reached.add(found[0])
    }
    const all = (await page.$$eval('button:not([tabindex="-1"]):not(:disabled)', elements =>
      elements
        .filter(e => (e as unknown as { offsetParent: unknown }).offsetParent !== null)
        .map(e => `${e.tagName} ${(e as unknown as { className: string }).className} ${(e.textContent ?? '').slice(0, 40)}`),
    )) as string[]
    expect(all.length).toBeGreaterThan(10)
    expect(all.filter(one => !reached.has(one))).toEqual([])
    await close()
  })

  test('may go on otherwise: before the fatal commit of Figure 8 something else is delivered, and the checker is asked what may still happen', async () => {
    const { html, trace } = await pageOf('raft/figure8')
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

describe('a hostile trace', () => {
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

  test('shows as text: no dialog, no request, no script', async () => {
    const nested = (depth: number): never => (depth === 0 ? 1 : { $map: [[texts[0], nested(depth - 1)]] }) as never
    const nodes = texts.slice(0, 4)
    const state = (i: number) => ({ [texts[i % 9] as string]: texts[(i + 1) % 9], constructor: 'x', toString: 1, deep: nested(60) }) as never
    const trace: Trace = {
      ...everything,
      protocol: texts[0] as string,
      mutant: texts[1] as string,
      property: texts[2] as string,
      because: texts.join('\n'),
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
    expect(await page.evaluate('[window.pwned, document.querySelectorAll("img, iframe, script:not([id])").length, document.scripts.length]')).toEqual([
      undefined,
      0,
      2,
    ])
    expect(bad).toEqual([])
    await close()
  })
})
