import assert from 'node:assert/strict';
import { access, readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { problemKinds } from '../src/login/problems.ts';
import { createMetrics } from '../src/ops/metrics.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFile(new URL(path, root), 'utf8');

test('docs/login-api.md lists every problem with its status, and no other', async () => {
  const rows = [...(await read('docs/login-api.md')).matchAll(/^\| `([a-z-]+)` \| (\d+) \|/gmu)];
  const documented = Object.fromEntries(rows.map(([, code, status]) => [code, Number(status)]));
  const real = Object.fromEntries(Object.entries(problemKinds).map(([code, { status }]) => [code, status]));
  assert.deepEqual(documented, real);
});

test('docs/operations.md lists every metric of ours', async () => {
  const text = await read('docs/operations.md');
  const { registry } = createMetrics();
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const ours = names.filter((name) => name.startsWith('bolt_stackstorm_'));
  assert.ok(ours.length > 5);
  assert.deepEqual(
    ours.filter((name) => !text.includes(name)),
    [],
  );
});

test('every link between the documents leads somewhere', async () => {
  const documents = ['README.md', ...(await readdir(new URL('docs/', root))).map((name) => `docs/${name}`)];
  const broken: string[] = [];
  for (const document of documents.filter((name) => name.endsWith('.md'))) {
    for (const [, target] of (await read(document)).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/gu)) {
      if (target === undefined) continue;
      await access(new URL(target, new URL(document, root))).catch(() => {
        broken.push(`${document}: ${target}`);
      });
    }
  }
  assert.deepEqual(broken, []);
});
