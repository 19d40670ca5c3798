import manifest from '../package.json' with { type: 'json' }

/** The version of this package, for `--version`, user agents and the records of sessions. */
export const version: string = manifest.version
