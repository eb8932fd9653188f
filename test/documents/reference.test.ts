import { expect, test } from 'vitest'
import { allItems, needsExample, readExports, renderExamples, renderPage } from '../support/reference.ts'

const exports = readExports()

test('docs/protocol.md is made of the doc comments; npm run readme writes it anew', async () => {
  await expect(renderPage(exports)).toMatchFileSnapshot('../../docs/protocol.md')
})

test('the examples of the page are those that are compiled and run', async () => {
  await expect(renderExamples(exports)).toMatchFileSnapshot('../fixtures/reference/examples.ts')
})

test('every export has a doc comment', () => {
  expect(exports.filter(({ text }) => text === '').map(({ name }) => name)).toEqual([])
})

test('every function that is exported, and everything that an author may write, has its place and an example', () => {
  const items = allItems(exports)
  expect(items.filter(([title, { example }]) => example === null && needsExample(title)).map(([title]) => title)).toEqual([])
  const shown = new Set(items.map(([title]) => title))
  const withoutPlace = exports.filter(({ kind, name }) => kind === 'value' && !shown.has(name)).map(({ name }) => name)
  expect(withoutPlace).toEqual([])
})

test('every item of the page has a text, members too', () => {
  expect(
    allItems(exports)
      .filter(([, { text }]) => text === '')
      .map(([title]) => title),
  ).toEqual([])
})
