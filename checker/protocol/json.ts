/**
 * A value of a protocol as JSON: a Record is an object, a List an array, a Map `{ "$map": [[key, value], …] }`, a Set
 * `{ "$set": [value, …] }`, an id `{ "$id": "p1" }`, undefined `{ "$undefined": true }`, ±Infinity `{ "$number": "Infinity" }`.
 * Maps and sets are in canonical order, so equal values are equal texts.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
