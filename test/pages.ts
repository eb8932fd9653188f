/**
 * Looks at the page of each counterexample that is kept, in Chromium: wide and narrow, light and dark, with time down and to the right, at the end, a step before, and at the start. It prints what
 * is drawn over, cut or outside, and ends with 1 if anything is. `npx tsx test/pages.ts [--access] [--pictures FOLDER] [--part 1/4] [--resume FILE] [NAME…]`; a name is a protocol, or one with its mutant or
 * claim: `raft/figure8`. The first part of four has every fourth. The file of a run that was stopped says which pages it has seen, and what it found there: they are not looked at again.
 * `--access` also asks axe-core, and goes to every control by Tab.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { axeViolations, pageOfSaved, troublesIn, unreachedByTab } from './support/page-trouble.ts'

/** A page that was looked at: its size, and what is the matter. */
interface Seen {
  readonly name: string
  readonly bytes: number
  readonly troubles: readonly string[]
}

const root = fileURLToPath(new URL('../', import.meta.url))
const text = { type: 'string' } as const
const { values: options, positionals: asked } = parseArgs({
  options: { access: { type: 'boolean' }, pictures: text, part: text, resume: text },
  allowPositionals: true,
})
const [part = 1, parts = 1] = options.part?.split('/').map(Number) ?? []
if (options.pictures !== undefined) mkdirSync(options.pictures, { recursive: true })
const saved = readdirSync(join(root, 'counterexamples'), { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.json'))
  .map(file => file.slice(0, -5))
  .filter(name => asked.length === 0 || asked.some(one => name === one || name.startsWith(`${one}/`)))
  .sort()
  .filter((_, i) => i % parts === part - 1)

const lines = options.resume !== undefined && existsSync(options.resume) ? readFileSync(options.resume, 'utf8').split('\n') : []
const seen = lines.filter(line => line !== '').map(line => JSON.parse(line) as Seen)
const left = saved.filter(name => !seen.some(one => one.name === name))

const look = async (browser: Browser, name: string, html: string, file: string): Promise<Seen> => {
  writeFileSync(file, html)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  const errors: string[] = []
  page.on('pageerror', error => void errors.push(error.message))
  await page.goto(`file://${file}`)
  await page.waitForSelector('.bar')
  const troubles: string[] = []
  for (const time of ['down', 'right'])
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      for (const [i, key] of (time === 'down' ? ['End', 'ArrowLeft', 'Home'] : ['End']).entries()) {
        await page.emulateMedia({ colorScheme: i === 1 ? 'dark' : 'light' })
        await page.keyboard.press(key)
        await page.keyboard.press(String(1 + i))
        const access = options.access === true && key !== 'Home' ? [...(await axeViolations(page)), ...(await unreachedByTab(page))] : []
        troubles.push(...[...(await troublesIn(page)), ...access, ...errors.splice(0)].map(trouble => `${name} ${time} ${width}: ${trouble}`))
        const picture = `${name}-${time}-${width}-${key}.png`.replaceAll('/', '-')
        if (options.pictures !== undefined) await page.screenshot({ path: join(options.pictures, picture), fullPage: width === 390 })
      }
      if (width === 390) await page.keyboard.press('t')
    }
  await page.close()
  return { name, bytes: Buffer.byteLength(html), troubles: [...new Set(troubles)] }
}

const folder = mkdtempSync(join(tmpdir(), 'pages-'))
const browser = await chromium.launch({ executablePath: process.env['PROTOCHECK_CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
const make = (name: string | undefined) => (name === undefined ? undefined : pageOfSaved(name, root))
// While Chromium looks at a page, the next is made.
let next = make(left[0])
for (const [i, name] of left.entries()) {
  const { html } = await (next as NonNullable<typeof next>)
  next = make(left[i + 1])
  const found = await look(browser, name, html, join(folder, 'page.html'))
  seen.push(found)
  for (const trouble of found.troubles) process.stdout.write(`${trouble}\n`)
  if (options.resume !== undefined) appendFileSync(options.resume, `${JSON.stringify(found)}\n`)
}
await browser.close()
rmSync(folder, { recursive: true })
const bad = seen.reduce((sum, { troubles }) => sum + troubles.length, 0)
const largest = Math.max(...seen.map(({ bytes }) => bytes))
process.stdout.write(`${seen.length} pages, the largest of ${largest} bytes; ${bad} times something was drawn over, cut or outside.\n`)
process.exitCode = bad > 0 ? 1 : 0
