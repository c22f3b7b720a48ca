import { renderJinja } from './jinja.ts';
import { JinjaRenderError, JinjaSyntaxError } from './jinja-values.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import type { Alias } from './packs.ts';
import { pythonStr } from './python-text.ts';

export interface ResultMessage {
  readonly message: string;
  readonly extra: JsonObject;
}

/**
 * What the chatops pack's `format_execution_result` makes of a finished execution: the alias's `result.format`, or the
 * pack's default text. Null where the alias wants no result, or its template fails (then nothing is posted).
 */
export function resultMessage(execution: JsonObject, alias: Alias | undefined): ResultMessage | null {
  const result = alias?.result ?? {};
  if (result['enabled'] === false) return null;
  const names = { execution, alias: alias ?? {}, six: { iteritems: (value: unknown) => entries(value) } };
  const render = (text: string): string => renderJinja(text, names, { strict: false });
  try {
    const { format, extra } = result;
    return {
      message: typeof format === 'string' ? render(format) : defaultText(execution),
      extra: isJsonObject(extra) ? renderDeep(extra, render) : {},
    };
  } catch (error) {
    if (error instanceof JinjaRenderError || error instanceof JinjaSyntaxError) return null;
    throw error;
  }
}

/** Renders every text inside an object; what is no text stays. */
export function renderDeep(value: JsonObject, render: (text: string) => string): JsonObject {
  const deep = (item: unknown): unknown => {
    if (typeof item === 'string') return render(item);
    if (Array.isArray(item)) return item.map(deep);
    return isJsonObject(item) ? renderDeep(item, render) : item;
  };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, deep(item)]));
}

function entries(value: unknown): [string, unknown][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** Which members of a result the default text shows, by runner; `undefined` shows all. */
const shownMembers: Readonly<Record<string, readonly string[]>> = {
  'local-shell-cmd': ['stdout', 'stderr', 'return_code', 'error'],
  'local-shell-script': ['stdout', 'stderr', 'return_code', 'error'],
  'remote-shell-cmd': ['stdout', 'stderr', 'return_code', 'error'],
  'remote-shell-script': ['stdout', 'stderr', 'return_code', 'error'],
  'python-script': ['result', 'stdout', 'stderr', 'exit_code'],
};

/** The text of contrib/chatops/actions/templates/default.j2, `μs` for seconds included: StackStorm prints it so. */
function defaultText(execution: JsonObject): string {
  const action = isJsonObject(execution['action']) ? execution['action']['ref'] : '';
  const lines = [
    '',
    `Action ${pythonStr(action)} completed.`,
    `status : ${pythonStr(execution['status'])}`,
    `execution: ${pythonStr(execution['id'])}`,
    '',
    `web_url: ${pythonStr(execution['web_url'])}`,
    '',
    `Took ${pythonStr(execution['elapsed_seconds'])}μs to complete.`,
    '',
  ];
  return `${lines.join('\n')}\n${resultText(execution)}\n`;
}

function resultText(execution: JsonObject): string {
  const result = execution['result'];
  if (!isJsonObject(result))
    return result === undefined || result === null ? '' : `result :\n--------\n${pythonStr(result)}\n`;
  const runner = isJsonObject(execution['runner']) ? String(execution['runner']['name']) : '';
  const members = shownMembers[runner];
  const body =
    runner.startsWith('remote-shell') && Object.values(result).every(isJsonObject)
      ? entries(result)
          .map(([host, of]) => `${host} : \n${serialize(shown(entries(of), members), '  ')}`)
          .join('')
      : serialize(shown(entries(result), members), '');
  return `result :\n--------\n${body}`;
}

/** Members that were asked for and are not empty: Jinja's `selectattr('1')`. */
function shown(all: [string, unknown][], members: readonly string[] | undefined): [string, unknown][] {
  if (members === undefined) return all;
  return all.filter(([key, value]) => members.includes(key) && Boolean(value));
}

function serialize(items: readonly [string, unknown][], prefix: string): string {
  return items
    .map(([key, value]) => {
      if (isJsonObject(value)) return `${prefix}${key} : \n${serialize(entries(value), `${prefix}  `)}`;
      const text = pythonStr(value).trim();
      return text.includes('\n')
        ? `${prefix}${key} :       \n${prefix}  ${text}\n`
        : `${prefix}${key} : ${text}\n`;
    })
    .join('');
}
