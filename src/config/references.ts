import { type KnownKey, step } from './known-keys.ts';

/** Where `${ENV_NAME}` and `{"file": …}` come from. */
export interface ConfigSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The file's text; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** A reference that leads nowhere. */
export interface ReferenceFault {
  readonly path: readonly (string | number)[];
  readonly found: string;
  readonly expected: string;
}

export interface Resolved {
  readonly value: unknown;
  readonly faults: readonly ReferenceFault[];
  /** Of each string that holds something from elsewhere: its path (as JSON) and where from, in words. */
  readonly origins: ReadonlyMap<string, string>;
}

/** `$${` is a literal `${`; a name is as the shell has it. */
const reference = /\$\$\{|\$\{([^}]*)(\}?)/g;
const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts environment variables and secret files in. Which `{"file": …}` is one is told by the schema: only where a string
 * is expected.
 */
export function resolveReferences(value: unknown, root: KnownKey, sources: ConfigSources): Resolved {
  const faults: ReferenceFault[] = [];
  const origins = new Map<string, string>();

  function text(found: string, path: readonly (string | number)[]): string | undefined {
    const from: string[] = [];
    let whole = true;
    const filled = found.replaceAll(reference, (all: string, name: string | undefined, end: string) => {
      if (all === '$${') return '${';
      const known = name !== undefined && end === '}' && environmentName.test(name);
      const held = known ? sources.env[name] : undefined;
      if (held === undefined) {
        whole = false;
        faults.push(
          known
            ? { path, found: all, expected: `the environment variable ${name}, which is not set` }
            : {
                path,
                found: 'a "${" that names no variable',
                expected: `\${ENV_NAME}, or $$\{ for a literal $\{`,
              },
        );
        return '';
      }
      from.push(all);
      return held;
    });
    if (from.length > 0) origins.set(JSON.stringify(path), from.join(' and '));
    return whole ? filled : undefined;
  }

  function file(found: object, path: readonly (string | number)[]): string | undefined {
    const [[key, name] = [], ...others] = Object.entries(found);
    if (key !== 'file' || typeof name !== 'string' || others.length > 0) {
      faults.push({ path, found: 'an object', expected: 'a string, or {"file": "/path/of/the/file"} alone' });
      return undefined;
    }
    const filePath = text(name, path);
    if (filePath === undefined) return undefined;
    origins.set(JSON.stringify(path), `the file ${filePath}`);
    try {
      return sources.readFile(filePath).replace(/\r?\n$/, '');
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      faults.push({
        path,
        found: `{"file": ${JSON.stringify(filePath)}}`,
        expected: `a file that can be read${reason}`,
      });
      return undefined;
    }
  }

  function resolve(found: unknown, node: KnownKey | undefined, path: readonly (string | number)[]): unknown {
    if (typeof found === 'string') return text(found, path);
    if (Array.isArray(found)) {
      return found.map((item: unknown, index) => resolve(item, step(node, index), [...path, index]));
    }
    if (typeof found !== 'object' || found === null) return found;
    if (node?.kind === 'text') return file(found, path);
    return Object.fromEntries(
      Object.entries(found).map(([key, inner]: [string, unknown]) => [
        key,
        resolve(inner, step(node, key), [...path, key]),
      ]),
    );
  }

  return { value: resolve(value, root, []), faults, origins };
}
