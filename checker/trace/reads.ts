/** A state that tells which of its fields are read. It is for looking only: what is made of it is made of the state itself. */
export const watchedRecord = (state: unknown, onRead: (field: string) => void): unknown => {
  if (typeof state !== 'object' || state === null) return state
  const record = state as { has(field: unknown): boolean; get(field: unknown, otherwise?: unknown): unknown }
  const isField = (name: unknown): name is string => typeof name === 'string' && typeof record.has === 'function' && record.has(name)
  const get = (field: unknown, otherwise?: unknown): unknown => {
    if (isField(field)) onRead(field)
    return record.get(field, otherwise)
  }
  return new Proxy(state, {
    get(target, name, proxy) {
      if (name === 'get') return get
      if (isField(name)) return get(name)
      const found = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target) as object, name)
      // A getter or a method of the spec's own class reads fields, too.
      if (found?.get !== undefined) return Reflect.get(target, name, proxy)
      const value = Reflect.get(target, name) as unknown
      if (typeof value !== 'function') return value
      return found === undefined ? value.bind(target) : value
    },
  })
}
