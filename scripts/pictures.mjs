// The pictures of docs/images, made anew: the browser tests that take them run, and what they kept is copied.
// Look at each before you commit it.
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** By the picture's name: the test that takes it, and the name that it gives it. */
const pictures = {
  playground: ['test/e2e/played-workflow.test.ts', 'played-4-ended'],
  approval: ['test/e2e/played-workflow.test.ts', 'played-1-approval'],
  inquiry: ['test/e2e/played-workflow.test.ts', 'played-2-form'],
  login: ['test/e2e/journey.test.ts', 'journey-3-login'],
};

const tests = [...new Set(Object.values(pictures).map(([test]) => test))];
const { status } = spawnSync(process.execPath, ['--import', 'tsx', '--test', ...tests], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);
for (const [picture, [, taken]] of Object.entries(pictures)) {
  copyFileSync(`${root}artifacts/${taken}.png`, `${root}docs/images/${picture}.png`);
  console.log(`docs/images/${picture}.png`);
}
