import { closeSync, openSync, readSync } from 'node:fs';
import { fileIdentity } from './sqlite-file.ts';

/**
 * Tells, without a statement, whether a database changed: what was read may then be answered from memory.
 * `PRAGMA data_version` tells it too, but costs as much as reading the row (measured: 198 µs and 208 µs; this 5 µs).
 */
export interface ChangeWatch {
  /** True if nobody has committed since the last {@link ChangeWatch.settle}. */
  unchanged(): boolean;
  /**
   * After each statement of our own. True if nobody else committed since the last call; `ownCommits` is what the
   * statement did itself, undefined where that is not certain.
   */
  settle(ownCommits: 0 | 1 | undefined): boolean;
  /** Only after the database connection is closed. */
  close(): void;
}

/** Nobody else can reach the database: one in memory. */
export const privateDatabase: ChangeWatch = {
  unchanged: () => true,
  settle: () => true,
  close: () => undefined,
};

/** Nothing is known: every row is read from the database. */
const unknownChanges: ChangeWatch = {
  unchanged: () => false,
  settle: () => false,
  close: () => undefined,
};

const wordBytes = 4;
const copyWords = 12;
const formatVersion = 3_007_000;
const versionAt = 0;
const commitsAt = 2;

/** Descriptors of closed stores, by the file's path, that must stay open while this process has another store on it. */
const users = new Map<string, { count: number; readonly descriptors: number[] }>();

/**
 * Claims a file for this process, before its database is opened. A descriptor of the -shm file may not be closed
 * while any connection of this process uses that file: POSIX would drop that connection's locks.
 */
export function claimWalIndex(path: string): void {
  const user = users.get(path) ?? { count: 0, descriptors: [] };
  user.count += 1;
  users.set(path, user);
}

/** Undoes {@link claimWalIndex}, after the database is closed. */
export function releaseWalIndex(path: string, descriptor?: number): void {
  const user = users.get(path);
  if (user === undefined) {
    return;
  }
  user.count -= 1;
  if (descriptor !== undefined) {
    user.descriptors.push(descriptor);
  }
  if (user.count === 0) {
    users.delete(path);
    user.descriptors.forEach(closeSync);
  }
}

/**
 * Watches the WAL-index header of an open database in WAL mode: 48 bytes, twice, native byte order; word 2 counts
 * commits (https://www.sqlite.org/walformat.html, 2.1). SQLite's own readers decide by comparing these bytes too, so
 * a commit that another process was told of is never missed. The file is mapped and read through one page cache on
 * Linux and macOS; elsewhere, and where the file is not there, nothing is known.
 *
 * The path must have been claimed; closing the watch releases it.
 */
export function watchWalIndex(path: string): ChangeWatch {
  const file = `${path}-shm`;
  if (process.platform === 'win32' || fileIdentity(file) === undefined) {
    return { ...unknownChanges, close: () => releaseWalIndex(path) };
  }
  const descriptor = openSync(file, 'r');
  const header = new Uint32Array(2 * copyWords);
  let seen: Uint32Array | undefined;

  const read = (): void => {
    readSync(descriptor, header, 0, 2 * copyWords * wordBytes, 0);
  };
  const isSeen = (): boolean => {
    for (let at = 0; at < copyWords; at += 1) {
      if (header[at] !== seen?.[at]) {
        return false;
      }
    }
    return true;
  };
  const isWhole = (): boolean => {
    for (let at = 0; at < copyWords; at += 1) {
      if (header[at] !== header[copyWords + at]) {
        return false;
      }
    }
    return header[versionAt] === formatVersion;
  };
  const commitsSinceSeen = (): number | undefined => {
    const [now, then] = [header[commitsAt], seen?.[commitsAt]];
    return now === undefined || then === undefined ? undefined : (now - then) >>> 0;
  };

  return {
    unchanged: () => {
      if (seen === undefined) {
        return false;
      }
      read();
      return isSeen();
    },
    settle: (ownCommits) => {
      read();
      const alone = ownCommits === 0 ? isSeen() : ownCommits === 1 && commitsSinceSeen() === 1;
      seen = isWhole() ? header.slice(0, copyWords) : undefined;
      return alone && seen !== undefined;
    },
    close: () => releaseWalIndex(path, descriptor),
  };
}
