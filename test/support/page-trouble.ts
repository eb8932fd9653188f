/** What is wrong with how a page looks, found by measuring it in a browser. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { loadSpec } from '../../checker/cli/load.ts'
import { makePage } from '../../checker/cli/page.ts'
import { parametersOf, readTrace } from '../../checker/cli/replay.ts'
import { findVariant } from '../../checker/cli/variant.ts'
import type { Trace } from '../../checker/trace/trace.ts'

/** The page of a counterexample that is kept. @param name its protocol and its mutant or claim: `raft/figure8` @throws if the protocol does not go into it */
export const pageOfSaved = async (name: string, root: string): Promise<{ readonly html: string; readonly trace: Trace }> => {
  const trace = readTrace(`counterexamples/${name}.json`, root)
  const spec = await loadSpec(trace.protocol, root)
  const claim = trace.mutant === null && Object.hasOwn(spec.claims, trace.property) ? trace.property : null
  const { html, without } = await makePage({
    trace,
    protocol: { spec, variant: findVariant(spec, { mutant: trace.mutant, claim }), parameters: parametersOf(trace, spec, name) },
    command: 'a test',
  })
  if (without !== null) throw new Error(without)
  return { html, trace }
}

/** Texts of a page that something else is drawn over, that are cut off, or that stand outside, and words that are broken, each with what is the matter. */
export const troublesIn = async (page: Page): Promise<readonly string[]> => (await page.evaluate(`(${find})()`)) as readonly string[]

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds, of any impact. */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe)
  const { violations } = (await page.evaluate('axe.run()')) as {
    readonly violations: readonly {
      readonly id: string
      readonly impact: string
      readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
    }[]
  }
  return violations.map(({ id, impact, nodes }) => {
    const first = nodes.slice(0, 2).map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary}`)
    return `${id} (${impact}): ${first.join('; ')}`
  })
}

/** Controls that Tab does not come to, or where nobody sees that it has. Tab begins where the page has its focus. */
export const unreachedByTab = async (page: Page): Promise<readonly string[]> => {
  const called = "e => e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 40)"
  const all = (await page.evaluate(
    `[...document.querySelectorAll('button:not([tabindex="-1"]):not(:disabled), summary, a[href], [tabindex="0"]')].filter(e => e.offsetParent !== null).map(${called})`,
  )) as readonly string[]
  if (all.length < 10) return ['there are hardly any controls']
  const reached = new Set<string>()
  const unseen: string[] = []
  for (let i = 0; i < 2 * all.length + 20; i++) {
    await page.keyboard.press('Tab')
    const found = (await page.evaluate(
      `(() => { const e = document.activeElement; if (e === document.body) return null; const s = getComputedStyle(e); return [(${called})(e), s.outlineStyle === 'solid' && parseFloat(s.outlineWidth) >= 2] })()`,
    )) as readonly [name: string, isSeen: boolean] | null
    if (found === null) break
    if (!found[1]) unseen.push(`Tab is not seen at ${found[0]}`)
    reached.add(found[0])
  }
  return [...unseen, ...all.filter(one => !reached.has(one)).map(one => `Tab does not come to ${one}`)]
}

// As text, so that nothing of tsx or Vitest gets into the page.
const find = `() => {
  const troubles = []
  const all = selector => [...document.querySelectorAll(selector)]
  const quoted = element => JSON.stringify(element.textContent.trim().slice(0, 70))
  const meets = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  const range = document.createRange()
  /** Where the letters of an element are, line by line; as far as it shows them. */
  const letters = element => {
    range.selectNodeContents(element)
    const outside = element.getBoundingClientRect()
    const hides = getComputedStyle(element).overflow === 'hidden'
    return [...range.getClientRects()].map(({ left, right, top, bottom }) =>
      hides
        ? { left: Math.max(left, outside.left), right: Math.min(right, outside.right), top: Math.max(top, outside.top), bottom: Math.min(bottom, outside.bottom) }
        : { left, right, top, bottom })
  }
  const diagram = document.querySelector('.diagram')
  const drawn = all('.diagram svg .message, .diagram svg .again, .diagram svg .life, .diagram svg .flight, .diagram svg .lost, .diagram svg .cut, .diagram svg .back, .diagram svg .group, .diagram svg circle, .diagram svg path:not(defs path)').map(e => e.getBoundingClientRect())
  const lines = all('.diagram .row .line').map(element => ({ element, boxes: letters(element) }))
  if (drawn.length === 0 || lines.length === 0) troubles.push('nothing is drawn')
  for (const { element, boxes } of lines) if (boxes.some(box => drawn.some(one => meets(one, box)))) troubles.push('a line crosses ' + quoted(element))
  for (const [i, a] of lines.entries())
    for (const b of lines.slice(i + 1)) if (a.boxes.some(one => b.boxes.some(two => meets(one, two)))) troubles.push(quoted(a.element) + ' meets ' + quoted(b.element))
  const names = all('.diagram .names span').map(element => ({ element, box: element.getBoundingClientRect() }))
  for (const [i, a] of names.entries()) for (const b of names.slice(i + 1)) if (meets(a.box, b.box)) troubles.push('the names ' + quoted(a.element) + ' and ' + quoted(b.element) + ' meet')
  // Whatever hides what it has no room for.
  for (const element of all('body *')) {
    const { overflowX, overflowY, display } = getComputedStyle(element)
    if (display === 'none' || element.closest('svg') !== null || element.textContent.trim() === '') continue
    if (overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1) troubles.push('cut at its side: ' + element.className + ' ' + quoted(element))
    if (overflowY === 'hidden' && element.scrollHeight > element.clientHeight + 1) troubles.push('cut below: ' + element.className + ' ' + quoted(element))
  }
  // Letters that reach beyond the box that has to hold them: a card, a panel, the page.
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.data.trim() === '' || node.parentElement.closest('script, noscript, dialog:not([open]), .diagram') !== null) continue
    range.selectNodeContents(node)
    const holder = node.parentElement.closest('.card, .take, .property, .step, .panel, header, .bar, section') ?? document.body
    const box = holder.getBoundingClientRect()
    for (const { left, right } of range.getClientRects())
      if (right > box.right + 1 || left < box.left - 1) {
        troubles.push('reaches beyond ' + (holder.className || holder.tagName) + ': ' + JSON.stringify(node.data.slice(0, 70)))
        break
      }
  }
  // A word that is broken within, though it is short enough for a line.
  for (const element of all('h1, h2, h3, p, small, .bar button, .bar output, [role=tab], summary, th, td, li > button.take, .property .name, .field dt button, .field dd, div.whole')) {
    if (element.offsetParent === null) continue
    const inner = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    // A value stands in a card, and may have lines of the card's width, but for what it is indented.
    const isValue = element.matches('.field dd, div.whole')
    const width = isValue ? 0.7 * element.closest('.card').getBoundingClientRect().width : element.getBoundingClientRect().width
    for (let node = inner.nextNode(); node !== null; node = inner.nextNode())
      for (const match of node.data.matchAll(/[\\p{L}\\p{N}_]{2,}/gu)) {
        range.setStart(node, match.index)
        range.setEnd(node, match.index + match[0].length)
        const rows = [...new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))]
        const long = [...range.getClientRects()].reduce((sum, { width }) => sum + width, 0)
        if (rows.length > 1 && long < 0.9 * width) troubles.push('a word is broken: ' + match[0] + ' in ' + (element.className || element.tagName) + ' ' + quoted(element))
      }
  }
  if (document.documentElement.scrollWidth > innerWidth) troubles.push('the page is wider than the window')
  return [...new Set(troubles)]
}`
