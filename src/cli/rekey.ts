import type { Command } from 'commander';
import type { Environment } from '../parts.ts';
import { parseKey } from '../storage/aes-gcm.ts';
import type { Rekeyed } from '../storage/rekey.ts';
import { readConfig } from './config-file.ts';
import { exitCodes } from './exit-codes.ts';

/** `bolt-stackstorm rekey`: 0 where the first key reads everything now, 1 where a row is left that it does not. */
export function addRekey(program: Command, environment: Environment): void {
  program
    .command('rekey')
    .description('encrypts what is stored anew with the first of encryption.keys, so that the others may go')
    .requiredOption('-c, --config <file>', 'the JSON file; every running bot must have started with its keys')
    .action(async ({ config: path }: { readonly config: string }) => {
      const { storage, encryption } = readConfig(path, environment);
      // Loaded when they are asked for: no other command waits for the storage's drivers.
      const [{ openStore }, { rekey }] = await Promise.all([
        import('../storage/open-store.ts'),
        import('../storage/rekey.ts'),
      ]);
      const keys = encryption.keys.map(parseKey);
      const store = await openStore(storage.url);
      try {
        const done = await rekey(store, keys);
        const left = leftWords(done);
        console.log(
          [doneWords(done), ...left, ...(left.length === 0 ? [freeWords(encryption.keys)] : [])].join('\n'),
        );
        if (left.length > 0) process.exitCode = exitCodes.failed;
      } finally {
        for (const key of keys) key.fill(0);
        await store.close();
      }
    });
}

function doneWords({ rewritten, current }: Rekeyed): string {
  return `${rows(rewritten)} encrypted anew with the first key; ${current} had it already.`;
}

function leftWords({ otherKeys, damaged }: Rekeyed): string[] {
  const lines = [...otherKeys].map(
    ([id, kinds]) =>
      `${rows(total(kinds))} (${words(kinds)}) left as they were: encrypted with the key ${/^[\w-]{8}$/.test(id) ? id : '(damaged id)'}, which is not in encryption.keys. Put it behind the first one and run this again.`,
  );
  if (damaged.size > 0) {
    lines.push(
      `${rows(total(damaged))} (${words(damaged)}) left as they were: damaged, so that no key can read them.`,
    );
  }
  return lines;
}

function freeWords(keys: readonly string[]): string {
  return keys.length === 1
    ? 'Everything can be read with the one key.'
    : 'The other keys may be taken out of encryption.keys once every bot runs with this config, and ten minutes have passed (logins that are under way).';
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

function total(kinds: ReadonlyMap<string, number>): number {
  return [...kinds.values()].reduce((sum, count) => sum + count, 0);
}

function words(kinds: ReadonlyMap<string, number>): string {
  return [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
