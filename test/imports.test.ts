import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/**
 * The house (design: imports point one way). A part of src, and the parts that it may import beside itself; top floor
 * first. `ops` may be imported by all, and is not listed.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'cli.ts': ['cli'],
  'index.ts': ['bot', 'config', 'chat', 'chat/slack', 'storage'],
  cli: [
    'demo',
    'bot',
    'config',
    'commands',
    'executions',
    'login',
    'chat',
    'chat/slack',
    'aliases',
    'stackstorm',
    'storage',
  ],
  demo: ['demo/stackstorm', 'bot', 'config', 'chat', 'chat/playground', 'storage'],
  'demo/stackstorm': [],
  bot: [
    'config',
    'commands',
    'executions',
    'auth',
    'login',
    'chat',
    'chat/slack',
    'aliases',
    'sessions',
    'stackstorm',
    'storage',
  ],
  commands: ['executions', 'auth', 'chat', 'aliases', 'sessions', 'stackstorm', 'storage'],
  executions: ['auth', 'chat', 'aliases', 'stackstorm', 'storage'],
  login: ['chat', 'sessions', 'stackstorm', 'storage'],
  auth: ['chat', 'sessions', 'stackstorm', 'storage'],
  'chat/playground': ['chat', 'storage'],
  'chat/slack': ['chat', 'storage'],
  sessions: ['chat', 'stackstorm', 'storage'],
  aliases: ['stackstorm'],
  chat: ['storage'],
  stackstorm: [],
  storage: [],
  ops: [],
  config: [],
};

/** What a part must not know even from a package: sessions neither Slack nor HTTP, aliases no network. */
const foreign: Readonly<Record<string, RegExp>> = {
  sessions: /^(@slack\/|hono|@hono\/|undici|node:https?$)/,
  aliases: /^(@slack\/|hono|@hono\/|undici|node:https?$|node:net$|node:vm$|node:worker_threads$)/,
  commands: /^(@slack\/|hono|@hono\/|undici|node:https?$)/,
  executions: /^(@slack\/|hono|@hono\/|undici|node:https?$)/,
  stackstorm: /^(@slack\/|hono|@hono\/)/,
  storage: /^(@slack\/|hono|@hono\/|undici)/,
  config: /^(?!node:net$|zod$)/,
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => /\.(ts|mjs)$/.test(file));
}

function importsOf(file: string): Import[] {
  const statements =
    /(?:^|[\s;}])(?:import|export)\s[^'"]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'/gm;
  const targets = [...readFileSync(join(root, file), 'utf8').matchAll(statements)].map(
    ([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '',
  );
  return targets.map((target) => ({
    file,
    target: target.startsWith('.') ? join(dirname(file), target) : target,
  }));
}

/** `src/chat/playground/app.ts` is of `chat/playground`, `src/chat/chat.ts` of `chat`; bot.ts and the files beside it are `bot`. */
function partOf(file: string): string {
  const [first = '', second = '', third] = relative('src', file).split(sep);
  if (second === '')
    return ['bot.ts', 'library.ts', 'make-auth.ts', 'parts.ts', 'platforms.ts'].includes(first)
      ? 'bot'
      : first;
  const own = `${first}/${second}`;
  return third !== undefined && own in mayImport ? own : first;
}

const imports = files('src').flatMap(importsOf);

test('the imports of src are seen', () => {
  assert.ok(imports.some(({ file, target }) => file === 'src/bot.ts' && target === 'src/config/schema.ts'));
  assert.ok(imports.some(({ target }) => target === 'zod'));
});

test('imports point one way', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (!target.startsWith(`src${sep}`)) return /^\.\.|^(test|scripts|bench)\//.test(target);
    const [from, to] = [partOf(file), partOf(target)];
    if (from === to) return false;
    if (to === 'ops') return from === 'demo/stackstorm' || from === 'config';
    return mayImport[from]?.includes(to) !== true;
  });
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

test('no part knows a package that is none of its business', () => {
  const wrong = imports.filter(
    ({ file, target }) => !target.startsWith(`src${sep}`) && foreign[partOf(file)]?.test(target),
  );
  assert.deepEqual(
    wrong.map(({ file, target }) => `${file} imports ${target}`),
    [],
  );
});

test('every part of src has its place in the house', () => {
  const parts = new Set(files('src').map(partOf));
  assert.deepEqual(
    [...parts].filter((part) => !(part in mayImport)),
    [],
  );
});

test('files are small, in kebab-case, and no folder is called utils', () => {
  const all = ['src', 'test', 'scripts', 'bench']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap(files);
  const lines = (file: string) => readFileSync(join(root, file), 'utf8').trimEnd().split('\n').length;
  assert.deepEqual(
    all.filter((file) => lines(file) > 300).map((file) => `${file}: ${lines(file)} lines`),
    [],
  );
  assert.deepEqual(
    all.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.(ts|mjs)$/.test(basename(file))),
    [],
  );
  assert.deepEqual(
    all.filter((file) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(file)),
    [],
  );
});

test('the environment and the arguments are read in src/cli.ts alone', () => {
  const readers = files('src').filter((file) =>
    /\bprocess\.(env|argv)\b/.test(readFileSync(join(root, file), 'utf8')),
  );
  assert.deepEqual(readers, ['src/cli.ts']);
});
