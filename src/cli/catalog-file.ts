import { readFile } from 'node:fs/promises';
import { CatalogFileError, parseCatalogFile } from '../aliases/catalog-file.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { faultCode } from './fault-code.ts';
import { printable } from './printable.ts';

/**
 * The aliases in a file.
 * @throws CliError `invalid` with what is wrong with it.
 */
export async function readCatalog(path: string): Promise<ActionAlias[]> {
  try {
    return parseCatalogFile(await readFile(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof CatalogFileError) {
      const lines = cause.message.split('\n').map((line) => `  ${printable(line)}`);
      throw new CliError([`${path} is no list of aliases:`, ...lines].join('\n'), exitCodes.invalid, {
        cause,
      });
    }
    const code = faultCode(cause);
    const reason = code === undefined ? '' : ` (${code})`;
    throw new CliError(`The list of aliases ${path} cannot be read${reason}.`, exitCodes.invalid, { cause });
  }
}
