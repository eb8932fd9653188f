/** Of the heap of JavaScript objects, which has a limit of its own (`--max-old-space-size`), whatever memory there is: beyond it the process is aborted. */
const SHARE_MAX = 0.8

/** Bytes of the limit that are for what is young, where nothing stays. */
const YOUNG = 48 * 2 ** 20

/** The kind of a collection of garbage that looks at the whole heap (`performance.constants.NODE_PERFORMANCE_GC_MAJOR`). */
const MAJOR = 4

interface HeapStatistics {
  readonly used_heap_size: number
  readonly heap_size_limit: number
}

type Host = { getBuiltinModule?: (name: string) => { getHeapStatistics(): HeapStatistics } | undefined }

/**
 * Whether what is alive comes near the limit of the heap. That is known after garbage was collected, and only then: before, most of it may be garbage.
 * Where it cannot be told (no Node, or one before 20.16) it never does.
 */
export class Heap {
  isFull = false
  readonly #observer: { disconnect(): void } | undefined

  constructor() {
    const v8 = (globalThis as { process?: Host }).process?.getBuiltinModule?.('node:v8')
    if (v8 === undefined || typeof PerformanceObserver === 'undefined') return
    const observer = new PerformanceObserver(list => {
      const { used_heap_size: used, heap_size_limit: limit } = v8.getHeapStatistics()
      const isMajor = list.getEntries().some(entry => (entry as { readonly detail?: { readonly kind?: number } }).detail?.kind === MAJOR)
      if (isMajor) this.isFull = used > SHARE_MAX * (limit - YOUNG)
    })
    observer.observe({ entryTypes: ['gc'] })
    this.#observer = observer
  }

  /** It is not watched any more. */
  end(): void {
    this.#observer?.disconnect()
  }
}

/** Did a typed array not get its memory? A defect it is not: the check has become too large. */
export const isOutOfMemory = (error: unknown): boolean => error instanceof RangeError && /allocation failed|invalid typed array length/i.test(error.message)
