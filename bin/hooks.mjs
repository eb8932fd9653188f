// Module hooks for the user's protocol files, in front of those of tsx (the last registered is asked first).
//
// - `protocheck` and `immutable` are the checker's own copies, wherever the file lies: `Id` and `SpecError` are classes, and a
//   second copy of them (or a file in a folder without any `node_modules`) would be an error that nobody understands.
// - A `.ts` file is an ES module, whatever the nearest package.json says: `npm init -y` writes `"type": "commonjs"`, and a
//   CommonJS file could load the checker only by `require`.

let index = ''

/** @param {{ index: string }} data */
export const initialize = data => {
  index = data.index
}

/** @type {import('node:module').ResolveHook} */
export const resolve = async (specifier, context, next) => {
  if (!context.parentURL?.includes('/node_modules/')) {
    if (specifier === 'protocheck') return next(index, context)
    if (specifier === 'immutable') return next(specifier, { ...context, parentURL: index })
  }
  const found = await next(specifier, context)
  // tsx marks the place of what it takes for CommonJS.
  const url = found.url.replace(/(%3F|\?)tsx-commonjs.*$/, '')
  return /\.m?ts(\?|$)/.test(url) ? { ...found, url, format: 'module' } : found
}
