import { renderText } from '../render-text.ts'
import type { Trace } from '../trace.ts'
import { writeTrace } from '../write.ts'
import { renderItf } from './itf.ts'
import { renderMarkdown } from './markdown.ts'
import { renderMermaid } from './mermaid.ts'
import { renderShiviz } from './shiviz.ts'
import { renderSvg } from './svg.ts'

/** What a trace may be written as. */
export const formats = {
  text: { what: 'the diagram, in letters', render: (trace: Trace) => renderText(trace, { story: true }) },
  svg: { what: 'the diagram, for documents and slides', render: renderSvg },
  mermaid: { what: 'a sequence diagram, for what shows Mermaid', render: renderMermaid },
  markdown: { what: 'for an issue or a pull request', render: renderMarkdown },
  itf: { what: "Apalache's and Quint's trace format", render: renderItf },
  shiviz: { what: 'a log with vector clocks, for ShiViz', render: renderShiviz },
  json: { what: 'the trace itself, as --save writes it', render: writeTrace },
} as const satisfies { readonly [name: string]: { readonly what: string; render(trace: Trace): string } }

/** The name of a format. */
export type Format = keyof typeof formats
