import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Resolves as soon as the audit log holds a record of the event. */
export async function recorded(file: string, event: string): Promise<void> {
  const watcher = watch(dirname(file));
  try {
    while (!existsSync(file) || !readFileSync(file, 'utf8').includes(`"${event}"`)) {
      await once(watcher, 'change');
    }
  } finally {
    watcher.close();
  }
}
