// Loaded before the command line: kill -9 of this very process around a statement to SQLite. KILL_AT is
// `before|after:<count>:<words>`: at the statement number <count> that adds rows and whose parameters hold the words.
// Plain JavaScript, so that what is built starts without a compiler.
import { createRequire } from 'node:module';

// The driver's own, as it imports it.
const driver = createRequire(createRequire(import.meta.url).resolve('@keyv/sqlite'));
const { default: sqlite3 } = await import(driver.resolve('sqlite3'));
const [when, count = '1', ...words] = (process.env['KILL_AT'] ?? '').split(':');
const wanted = words.join(':');
let left = Number(count);
const { all } = sqlite3.Database.prototype;

function die() {
  process.kill(process.pid, 'SIGKILL');
}

if (wanted !== '') {
  sqlite3.Database.prototype.all = function allOrDie(sql, ...rest) {
    const done = rest.at(-1);
    const holds =
      sql.includes('INSERT') &&
      rest.slice(0, -1).some((parameter) => JSON.stringify(parameter).includes(wanted));
    if (holds) left -= 1;
    if (!holds || left > 0) return all.call(this, sql, ...rest);
    left = Number.POSITIVE_INFINITY;
    if (when === 'before') return die();
    return all.call(this, sql, ...rest.slice(0, -1), (...answer) => {
      die();
      done(...answer);
    });
  };
}
