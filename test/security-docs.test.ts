import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { needsShared, readSharedText } from './support/shared.ts';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/security.md');

/** Of the threats, and of the ASVS's items, that the login has to meet. */
const threats = Array.from({ length: 11 }, (_, at) => `T${at + 1}`);
const items = (
  '1.2.1 1.3.6 1.3.7 2.3.1 2.3.4 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.3 3.4.4 3.4.5 3.4.6 3.4.8 3.5.1 3.5.3 4.1.2 4.1.3 ' +
  '6.1.1 6.2.6 6.2.7 6.2.8 6.3.1 6.3.5 6.3.7 6.3.8 6.5.1 6.5.2 6.5.4 6.5.5 6.6.2 6.6.3 7.1.1 7.2.3 7.2.4 7.3.1 7.3.2 ' +
  '7.4.1 7.4.2 7.4.5 7.5.2 7.5.3 7.6.2 8.3.3 11.3.2 11.3.3 11.3.4 11.5.1 12.2.1 12.3.1 12.3.2 12.3.3 12.3.4 13.2.4 ' +
  '13.3.1 13.3.4 13.4.2 14.2.1 14.3.2 16.2.5 16.3.1 16.3.2 16.3.3 16.4.1 16.5.1 16.5.2 16.5.3 16.5.4'
).split(' ');

interface Row {
  readonly ids: readonly string[];
  readonly builtIn: string;
  readonly shownBy: string;
}

/** The rows of the tables that end with "Built in" and "Shown by". */
function rows(): Row[] {
  const tables = page.matchAll(/^\|[^\n]*\| Built in \| Shown by \|\n\|[- |]+\|\n((?:\|.*\n)+)/gm);
  return [...tables].flatMap(([, body = '']) =>
    body
      .trimEnd()
      .split('\n')
      .map((line) => {
        const [ids = '', , builtIn = '', shownBy = ''] = line.slice(2, -2).split(' | ');
        return { ids: ids.split(', '), builtIn, shownBy };
      }),
  );
}

/** What the tests and suites of a file are called. */
function titlesIn(path: string): string[] {
  const named = /\b(?:test|it|describe)\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g;
  return [...read(path).matchAll(named)].map(([, , title = '']) => title);
}

/** A row may say that there is none yet, in words. */
const untested = /^No test yet: .{20,}/;

test('docs/security.md has a row for every threat and every item of the checklist', () => {
  const found = rows().flatMap(({ ids }) => ids);
  assert.deepEqual(
    [...threats, ...items].filter((id) => !found.includes(id)),
    [],
  );
  assert.deepEqual(
    found.filter((id) => !/^(?:T\d+|\d+\.\d+\.\d+|CS|–)$/.test(id)),
    [],
  );
});

test('every file that docs/security.md says something is built in exists', () => {
  for (const { ids, builtIn } of rows()) {
    const paths = [...builtIn.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
    assert.notEqual(paths.length, 0, ids.join());
    for (const path of paths) assert.ok(existsSync(new URL(path, root)), `${ids.join()}: ${path}`);
  }
});

test('every test that docs/security.md names exists, by its file and title', (t) => {
  for (const { ids, shownBy } of rows()) {
    if (untested.test(shownBy)) {
      t.diagnostic(`${ids.join()}: ${shownBy}`);
      continue;
    }
    for (const one of shownBy.split('<br>')) {
      const [, path = '', title = ''] = /^`(test\/[\w./-]+\.test\.ts)` (.{8,})$/.exec(one) ?? [];
      assert.ok(path !== '' && existsSync(new URL(path, root)), `${ids.join()}: ${one}`);
      assert.ok(
        titlesIn(path).some((known) => known.includes(title)),
        `${ids.join()}: no test of ${path} is called ${title}`,
      );
    }
  }
});

test('the ids are those of the checklist that was built against', needsShared, () => {
  const shared = readSharedText('security.md');
  const checklist = shared.slice(shared.indexOf('## Checklist'));
  const ranges = [...checklist.matchAll(/\b(\d+\.\d+)\.(\d+)(?:-(?:\d+\.\d+\.)?(\d+))?/g)];
  const named = ranges.flatMap(([, chapter = '', first = '', last = first]) =>
    Array.from({ length: Number(last) - Number(first) + 1 }, (_, at) => `${chapter}.${Number(first) + at}`),
  );
  // "ASVS tag v5.0.0_release" is no item.
  assert.deepEqual(
    [...new Set(named)].filter((id) => id !== '5.0.0' && !items.includes(id)),
    [],
  );
});

test('SECURITY.md says what is assumed, promised, out of scope, and how to report', () => {
  const policy = read('SECURITY.md');
  for (const heading of ['Reporting', 'Assumptions', 'Guarantees', 'Out of scope', 'Not a vulnerability']) {
    assert.match(policy, new RegExp(`^## ${heading}`, 'm'));
  }
  assert.doesNotMatch(policy, /mailto:|[\w.]+@[\w.]+\.\w+/, 'no address that nobody reads');
  for (const [, target = ''] of policy.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
    assert.ok(existsSync(new URL(target, root)), target);
  }
});
