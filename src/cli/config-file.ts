import { readFileSync } from 'node:fs';
import { ConfigError, faultLine, parseConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { faultCode } from './fault-code.ts';

/**
 * The config in a file, with environment variables and secret files put in.
 * @throws CliError `invalid` with every fault of the file, one a line.
 */
export function readConfig(path: string, env: Readonly<Record<string, string | undefined>>): Config {
  const config = parseConfig(readText(path), { env, readFile: (file) => readFileSync(file, 'utf8') });
  if (config instanceof ConfigError) throw new CliError(faultWords(path, config), exitCodes.invalid);
  return config;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = faultCode(cause);
    const reason = code === undefined ? '' : ` (${code})`;
    throw new CliError(
      `The config file ${path} cannot be read${reason}. config.example.json shows what it holds.`,
      exitCodes.invalid,
      { cause },
    );
  }
}

function faultWords(path: string, { faults }: ConfigError): string {
  const count = faults.length === 1 ? 'One thing is' : `${faults.length} things are`;
  const lines = faults.map((fault) => `  ${faultLine(fault)}`);
  return [`${count} wrong in ${path}:`, ...lines].join('\n');
}
