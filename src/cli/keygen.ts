import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { generateKey } from '../storage/aes-gcm.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { faultCode } from './fault-code.ts';

/** `bolt-stackstorm keygen`. */
export function addKeygen(program: Command): void {
  program
    .command('keygen')
    .description('makes a key for what the bot stores, and says how to give it to the bot')
    .option('-o, --out <file>', 'writes it to a new file that only you can read, instead of printing it')
    .action(({ out }: { readonly out?: string }) => keygen(out));
}

/**
 * An encryption key (S2): alone on standard output, so that it can be piped, or in a new file. Never overwrites: what an
 * old key encrypted would be lost. What to do with it is told on standard error.
 * @throws CliError
 */
async function keygen(file: string | undefined): Promise<void> {
  const key = generateKey();
  if (file === undefined) {
    console.log(key);
    console.error(environmentHint);
    return;
  }
  const path = resolve(file);
  try {
    await writeFile(path, `${key}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new CliError(writeFault(path, cause), exitCodes.failed, { cause });
  }
  console.error(`A new key is in ${path}; only you can read it. Name it in the config:

  "encryption": { "keys": [{ "file": ${JSON.stringify(path)} }] }
${keepIt}`);
}

const keepIt = `
Keep a copy somewhere safe: without the key, what the bot stored cannot be read. To rotate keys, put the new one in front
and leave the old ones in the list until "bolt-stackstorm rekey" has encrypted anew what stands.`;

const environmentHint = `
This is a new encryption key. Give it to the bot in an environment variable, for example BOLT_STACKSTORM_KEY, and name it in
the config:

  "encryption": { "keys": ["\${BOLT_STACKSTORM_KEY}"] }

Or keep it in a file of its own: bolt-stackstorm keygen --out /run/secrets/bolt_stackstorm_key
${keepIt}`;

function writeFault(path: string, cause: unknown): string {
  const code = faultCode(cause) ?? 'unknown reason';
  return code === 'EEXIST'
    ? `${path} is there already and was left as it is: what its key encrypted would be lost. Name another file.`
    : `${path} cannot be written (${code}).`;
}
