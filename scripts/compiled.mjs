// For a Node that does not read TypeScript: loads the modules of this checkout as they were compiled beforehand (see
// test.mjs), in half the time that tsx takes for it. There are some two hundred test files, each a process.
import { register } from 'node:module';

const compiled = process.env['BOLT_STACKSTORM_COMPILED'];
if (compiled === undefined) throw new Error('BOLT_STACKSTORM_COMPILED names no folder');
register('./compiled-hooks.mjs', import.meta.url, {
  data: { root: new URL('../', import.meta.url).href, compiled },
});
