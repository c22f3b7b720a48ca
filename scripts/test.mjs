// npm test: every test/**/*.test.ts, or the files and folders named as arguments. Options of node:test (--test-…) go through.
// Plain Node, no dependency: it also says what is missing before anything else could fail for want of it.
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const isCi = process.env['CI'] === 'true';
const arguments_ = process.argv.slice(2);
const options = arguments_.filter((argument) => argument.startsWith('-'));
const named = arguments_.filter((argument) => !argument.startsWith('-'));

/**
 * Programs beside Node that some suites need: Debian's packages, the first that there is; what the program is called, the
 * best first; and what does not run without it. Chromium without its windows opens a page for a quarter of the work.
 */
const programs = [
  {
    packages: ['chromium-headless-shell', 'chromium'],
    names: ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'],
    suites: 'the browser tests (test/e2e, test/pages)',
  },
  { packages: ['nginx'], names: ['nginx'], suites: 'the tests behind a TLS front (nginx)' },
  { packages: ['redis-server'], names: ['redis-server'], suites: 'the storage tests on Redis' },
];

checkNode();
const files = testFiles();
if (files.length === 0) fail(`No tests in ${named.join(', ')}.`);
providePrograms();

build();
const work = mkdtempSync(join(tmpdir(), 'bolt-stackstorm-tests-'));
// Some tests run a child as another user, who has to reach what is compiled.
chmodSync(work, 0o755);
const typescript = readsTypeScript();

const { status, signal } = spawnSync(
  process.execPath,
  [
    ...typescript,
    '--test',
    '--test-reporter=spec',
    // Suites start processes and browsers of their own, and some wait out a real half minute: one more than there are
    // cores keeps them busy, more would only make each wait.
    `--test-concurrency=${Math.min(4, availableParallelism() + 1)}`,
    // A test that hangs is a failure, not a suite that never ends.
    '--test-timeout=600000',
    ...options,
    ...files,
  ],
  { cwd: root, stdio: 'inherit', env: environment() },
);
rmSync(work, { recursive: true, force: true });
if (signal !== null) fail(`The tests were ended by ${signal}.`);
process.exit(status ?? 1);

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node 20.19 or newer is needed; this is ${process.version}.`);
  if (!existsSync(join(root, 'node_modules', 'tsx'))) fail('Dependencies are missing. Run: npm ci');
}

/** Node 20 has no globSync, and its own --test patterns know no TypeScript. */
function testFiles() {
  const places = named.length === 0 ? ['test'] : named;
  const found = places.flatMap((place) => {
    const path = resolve(place);
    if (!existsSync(path)) fail(`There is no ${place}.`);
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => join(path, file));
  });
  return [...new Set(found.map((file) => relative(root, file)))].sort();
}

/** Installs what is missing where that can be done, else says what will not run; under CI=true nothing may be missing. */
function providePrograms() {
  let missing = programs.filter(({ names }) => !names.some(pathOf));
  if (missing.length > 0 && named.length === 0 && mayInstall()) {
    apt(['update', '-qq']);
    const packages = missing.map((program) => program.packages.find(isPackage) ?? program.packages[0]);
    console.log(`Installing ${packages.join(', ')} (Debian packages that some tests need) …`);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    missing = programs.filter(({ names }) => !names.some(pathOf));
  }
  for (const { packages, suites } of missing) {
    console.log(`Not installed: ${packages.join(' or ')}. Without it ${suites} do not run.`);
  }
  if (missing.length > 0 && isCi && named.length === 0) fail('CI=true: everything has to run.');
}

/** Tests that start the command line start what ships: it is up in a third of the time that the source takes. */
function build() {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/**
 * How Node reads TypeScript: Node 22.18 and newer by themselves, older ones by tsx, or, for the whole suite, compiled once
 * for all.
 */
function readsTypeScript() {
  if (process.features.typescript) return [];
  if (named.length > 0) return ['--import', 'tsx'];
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.tests.json', '--outDir', work], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
  process.env['BOLT_STACKSTORM_COMPILED'] = work;
  return ['--import', pathToFileURL(join(root, 'scripts', 'compiled.mjs')).href];
}

/** Where the built command line is, and the browser, for a system that does not keep it where Debian does. */
function environment() {
  const [chromium] = programs[0]?.names.map(pathOf).filter((path) => path !== undefined) ?? [];
  return {
    BOLT_STACKSTORM_CLI: join('dist', 'cli.js'),
    // Newer Nodes keep what they have compiled, for the hundreds of processes that load the same modules.
    NODE_COMPILE_CACHE: join(work, 'cache'),
    ...(chromium === undefined ? {} : { BOLT_STACKSTORM_CHROMIUM: chromium }),
    ...process.env,
  };
}

function mayInstall() {
  return process.getuid?.() === 0 && pathOf('apt-get') !== undefined;
}

function apt(arguments_) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', arguments_, { stdio: ['ignore', 'ignore', 'inherit'], env });
  if (status !== 0) console.log(`apt-get ${arguments_[0]} did not work (${status}).`);
}

/** Not every release, or relative, of Debian has every package. */
function isPackage(name) {
  return spawnSync('apt-cache', ['show', name], { stdio: 'ignore' }).status === 0;
}

function pathOf(name) {
  // Debian keeps servers in sbin, which is not in everyone's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function fail(words) {
  console.error(words);
  process.exit(1);
}
