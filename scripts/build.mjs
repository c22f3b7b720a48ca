// Builds what is published: dist/ with types and source maps. static/, config.schema.json and the rest of `files` in
// package.json are shipped beside it as they are.
import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');
const require = createRequire(import.meta.url);
const compiler = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');

// What an older build left would be published too.
rmSync(dist, { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
chmodSync(join(dist, 'cli.js'), 0o755);
console.log(
  `Built dist/ (${readdirSync(dist, { recursive: true }).filter((file) => String(file).endsWith('.js')).length} modules).`,
);
