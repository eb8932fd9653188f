import { SpecError } from '../protocol/errors.ts'

const wrong = (option: string, given: string, expected: string): SpecError =>
  new SpecError({ title: 'WRONG VALUE', place: option, what: `${option} is given ${JSON.stringify(given)}.`, hint: `Expected: ${expected}.` })

/** A whole number, at least `least`. @throws SpecError */
export const parseCount =
  (option: string, least = 0) =>
  (given: string): number => {
    const value = Number(given)
    if (!/^\d+$/.test(given) || !Number.isSafeInteger(value) || value < least) throw wrong(option, given, `a whole number, at least ${least}`)
    return value
  }

const secondsPer: { readonly [unit: string]: number } = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 }

/** `90s`, `2m`, `1.5h`, `500ms`; a bare number is seconds. In seconds. @throws SpecError */
export const parseSeconds =
  (option: string) =>
  (given: string): number => {
    const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?) ?([a-z]+)?$/.exec(given) ?? []
    const factor = secondsPer[unit]
    if (digits === undefined || factor === undefined || Number(digits) === 0) throw wrong(option, given, 'a time, as 90s, 2m or 1h')
    return Number(digits) * factor
  }

const prefixes = ['', 'k', 'm', 'g', 't']

/** `512MB`, `4GB`, `1.5G`: powers of 1024. In bytes. @throws SpecError */
export const parseBytes =
  (option: string) =>
  (given: string): number => {
    const [, digits, prefix] = /^(\d+(?:\.\d+)?) ?([kmgt])i?b?$/i.exec(given) ?? []
    if (digits === undefined || prefix === undefined || Number(digits) === 0) throw wrong(option, given, 'an amount of memory, as 512MB or 4GB')
    return Math.floor(Number(digits) * 1024 ** prefixes.indexOf(prefix.toLowerCase()))
  }

/** `1,745,408` */
export const formatCount = (value: number): string => (Number.isFinite(value) ? Math.round(value).toLocaleString('en-US') : 'unlimited')

/** `1 state`, `8 states` */
export const counted = (value: number, one: string, many = `${one}s`): string => `${formatCount(value)} ${value === 1 ? one : many}`

/** `0.42 s`, `12.3 s`, `2 min 5 s` */
export const formatSeconds = (seconds: number): string => {
  if (seconds < 10) return `${seconds.toFixed(2)} s`
  if (seconds < 120) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
}

/** `512 B`, `1.5 MB`: powers of 1024. */
export const formatBytes = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${(prefixes[power] ?? '').toUpperCase()}B`
}
