import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'

/**
 * Elements that are drawn again only where they would look otherwise: of a diagram, a step changes a few of a thousand.
 * @returns the element of `what`, made anew where `look`, which must tell all that it depends on, is another than the last time
 */
export const useUnchanged = <T extends object>(): ((what: T, look: string, make: () => VNode) => VNode) => {
  const known = useRef(new WeakMap<T, { readonly look: string; readonly element: VNode }>())
  return (what, look, make) => {
    const last = known.current.get(what)
    if (last?.look === look) return last.element
    const element = make()
    known.current.set(what, { look, element })
    return element
  }
}
