import { existsSync, readFileSync } from 'node:fs'

/** The folder of this package, wherever this file was built to; undefined in a page. */
export const packageFolder = (): URL | undefined =>
  ['../../', '../../../'].map(up => new URL(up, import.meta.url)).find(folder => existsSync(new URL('package.json', folder)))

/** What npm is told of a package. */
export interface Manifest {
  readonly version: string
  readonly dependencies: { readonly [name: string]: string }
  readonly devDependencies: { readonly [name: string]: string }
}

/** The package.json of this package. */
export const manifest = (): Manifest | undefined => {
  const folder = packageFolder()
  return folder === undefined ? undefined : (JSON.parse(readFileSync(new URL('package.json', folder), 'utf8')) as Manifest)
}

export const version = (): string => manifest()?.version ?? ''
