// A worker of a clone: its code is TypeScript, and a thread of Node 20 does not inherit the loader that `bin/check.mjs` registers.
// By `require`, since that needs no further thread for the loader: it starts in half the time.
require('tsx/cjs/api').register()
require('./worker.ts')
