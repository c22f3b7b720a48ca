import { closeSync, openSync } from 'node:fs';

/**
 * Calls `reload` at each SIGHUP, as daemons do. The same signal comes when the terminal that a person started us from is
 * closed: then the process is asked to stop (SIGTERM), since it would run on with nobody to see it.
 */
export function onReload(reload: () => Promise<void>): void {
  const hadTerminal = hasTerminal();
  process.on('SIGHUP', () => {
    if (hadTerminal && !hasTerminal()) process.kill(process.pid, 'SIGTERM');
    else void reload();
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    // ENXIO, ENOENT, EIO: there is none, or none any more.
    return false;
  }
}
