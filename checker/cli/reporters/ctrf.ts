import type { Case } from './case.ts'

/** The Common Test Report Format, 0.0: https://ctrf.io */
export const ctrf = (cases: readonly Case[], { version, start, stop }: { readonly version: string; readonly start: number; readonly stop: number }): string => {
  const bad = cases.filter(({ isGood }) => !isGood).length
  return `${JSON.stringify(
    {
      reportFormat: 'CTRF',
      specVersion: '0.0.0',
      results: {
        tool: { name: 'protocheck', version },
        summary: { tests: cases.length, passed: cases.length - bad, failed: bad, pending: 0, skipped: 0, other: 0, start, stop },
        tests: cases.map(({ title, isGood, seconds, message, details, file, line, protocol }) => ({
          name: title,
          status: isGood ? 'passed' : 'failed',
          duration: Math.round(seconds * 1000),
          suite: [protocol],
          filePath: file,
          ...(isGood ? {} : { message, trace: details, line }),
        })),
      },
    },
    null,
    2,
  )}\n`
}
