import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Environment } from '../parts.ts';
import { CliError, exitCodes } from './exit-codes.ts';

/**
 * What a command follows of a config that is still being made: its secrets may be missing, so nothing but `planned` is
 * looked at. Without a path, what `planned` makes of an empty config.
 * @throws CliError `invalid` where the file cannot be read, or is none.
 */
export function readPlan<T extends z.ZodType>(path: string | undefined, planned: T): z.output<T> {
  if (path === undefined) return planned.parse({});
  try {
    // Editors on Windows put a byte order mark in front; check and start pass over it, too.
    return planned.parse(JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, '')));
  } catch (cause) {
    throw new CliError(
      `${path} cannot be read as a config. "bolt-stackstorm check --config ${path}" says what is wrong.`,
      exitCodes.invalid,
      { cause },
    );
  }
}

/** A text of it with the environment variables that are set put in. */
export function filled(text: string | undefined, environment: Environment): string | undefined {
  return text?.replaceAll(/\$\{(\w+)\}/g, (all, name: string) => environment[name] ?? all);
}
