import { lintAliases } from '../aliases/lint/lint.ts';
import { connectionOf, type Environment } from '../parts.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import { readCatalog } from './catalog-file.ts';
import { faultWords, readAliases } from './check-stackstorm.ts';
import { readConfig } from './config-file.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { lintText } from './lint-report.ts';
import { writeOut } from './write-out.ts';

/** Where the aliases are: a file, or the StackStorm of a config. */
export type AliasSource = { readonly catalog: string } | { readonly config: string };

/**
 * Prints what is wrong with the aliases. True if nothing keeps any of them from being run.
 * @throws CliError where they cannot be read
 */
export async function lint(
  source: AliasSource,
  { json, environment }: { readonly json: boolean; readonly environment: Environment },
): Promise<boolean> {
  const aliases =
    'catalog' in source ? await readCatalog(source.catalog) : await aliasesOf(source.config, environment);
  const report = lintAliases(aliases);
  await writeOut([json ? JSON.stringify(report, null, 2) : lintText(report), '\n'], process.stdout);
  return report.errors === 0;
}

async function aliasesOf(path: string, environment: Environment): Promise<readonly ActionAlias[]> {
  const config = readConfig(path, environment);
  try {
    return await readAliases(config, await connectionOf(config, environment));
  } catch (cause) {
    if (!(cause instanceof StackStormError)) throw cause;
    throw new CliError(`The aliases cannot be read: ${faultWords(cause)}.`, exitCodes.failed, { cause });
  }
}
