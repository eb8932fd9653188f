import { type Case, rules } from './case.ts'

/** SARIF 2.1.0, for code scanning: a result for each proof that is not as it should be. */
export const sarif = (cases: readonly Case[], { version }: { readonly version: string }): string => {
  const names = Object.keys(rules) as (keyof typeof rules)[]
  const results = cases.flatMap(({ rule, message, details, file, line, title, trace }) =>
    rule === null
      ? []
      : [
          {
            ruleId: rule,
            ruleIndex: names.indexOf(rule),
            level: 'error',
            message: { text: `${title}: ${message}\n${details}` },
            locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(file), uriBaseId: '%SRCROOT%' }, region: { startLine: line } } }],
            // The same finding in the next run: whatever the counts are by then.
            partialFingerprints: { 'protocheck/v1': `${rule} ${title} ${trace?.property ?? ''}`.trim() },
          },
        ],
  )
  return `${JSON.stringify(
    {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'protocheck',
              semanticVersion: version,
              rules: names.map(id => ({ id, shortDescription: { text: `${rules[id]}.` }, defaultConfiguration: { level: 'error' } })),
            },
          },
          columnKind: 'utf16CodeUnits',
          results,
        },
      ],
    },
    null,
    2,
  )}\n`
}
