/**
 * Looks at the page of each counterexample that is kept, in Chromium: wide and narrow, light and dark, with time down and to the right, at the end, a step before, and at the start. It prints what
 * is drawn over, cut or outside, and ends with 1 if anything is. `npx tsx test/pages.ts [--pictures FOLDER] [NAME…]`; a name is a protocol, or one with its mutant or claim: `raft/figure8`.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { pageOfSaved, troublesIn } from './support/page-trouble.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const given = process.argv.slice(2)
const [pictures, asked] = given[0] === '--pictures' ? [given[1] as string, given.slice(2)] : [null, given]
if (pictures !== null) mkdirSync(pictures, { recursive: true })
const saved = readdirSync(join(root, 'counterexamples'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.json'))
  .map(file => file.slice(0, -5))
  .filter(name => asked.length === 0 || asked.some(one => name === one || name.startsWith(`${one}/`)))
  .sort()

const folder = mkdtempSync(join(tmpdir(), 'pages-'))
const browser = await chromium.launch({ executablePath: process.env['PROTOCHECK_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
let bad = 0
let largest = 0
const told = new Set<string>()
for (const name of saved) {
  const file = join(folder, 'page.html')
  const { html } = await pageOfSaved(name, root)
  writeFileSync(file, html)
  largest = Math.max(largest, Buffer.byteLength(html))
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  const errors: string[] = []
  page.on('pageerror', error => void errors.push(error.message))
  await page.goto(`file://${file}`)
  await page.waitForSelector('.bar')
  for (const time of ['down', 'right'])
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      for (const [i, key] of (time === 'down' ? ['End', 'ArrowLeft', 'Home'] : ['End']).entries()) {
        await page.emulateMedia({ colorScheme: i === 1 ? 'dark' : 'light' })
        await page.keyboard.press(key)
        const tab = String(1 + i)
        await page.keyboard.press(tab)
        const where = `${name} ${time} ${width} ${key}`
        for (const trouble of [...(await troublesIn(page)), ...errors.splice(0)]) {
          bad++
          const line = `${name} ${time} ${width}: ${trouble}`
          if (!told.has(line)) process.stdout.write(`${line}\n`)
          told.add(line)
        }
        if (pictures !== null) await page.screenshot({ path: join(pictures, `${where.replaceAll(/[/ ]/g, '-')}.png`), fullPage: width === 390 })
      }
      if (width === 390) await page.keyboard.press('t')
    }
  await page.close()
}
await browser.close()
rmSync(folder, { recursive: true })
process.stdout.write(`${saved.length} pages, the largest of ${largest} bytes; ${bad} times something was drawn over, cut or outside.\n`)
process.exitCode = bad > 0 ? 1 : 0
