import type { Execution } from '../../stackstorm/wire.ts';
import { cleanText } from '../format/text.ts';

/** What StackStorm writes in place of a secret. */
const mask = '********';
const mostShown = 10;
const longestValue = 200;

export interface ShownParameter {
  readonly label: string;
  readonly value: string;
}

/**
 * The parameters that the execution was given, as everybody in the place may read them. Masked is what StackStorm masks,
 * what the action's or the runner's metadata calls `secret: true`, what is named like a secret, and what looks like one
 * (`looksSecret`): one mask too many costs nothing, one too few is a leak.
 */
export function shownParameters(execution: Execution): ShownParameter[] {
  const known = { ...schemasOf(execution.runner?.['runner_parameters']), ...execution.action?.parameters };
  return shownValues(execution.parameters ?? {}, known);
}

/** Parameters by name, as {@link shownParameters} shows them; `known` is what is known of each. */
export function shownValues(
  parameters: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, unknown>> = {},
): ShownParameter[] {
  const given = Object.entries(parameters);
  const shown = given.slice(0, mostShown).map(([name, value]) => ({
    label: shortened(cleanText(name), 60),
    value: shortened(shownValue(name, value, known[name]), longestValue),
  }));
  const left = given.length - shown.length;
  return left === 0 ? shown : [...shown, { label: '…', value: `${left} more` }];
}

function shownValue(name: string, value: unknown, schema: unknown): string {
  const masked = masking(name, value, schema);
  const text = typeof masked === 'string' ? masked : (JSON.stringify(masked) ?? '');
  return looksSecret(text) ? mask : cleanText(text).replace(/\s+/g, ' ').trim();
}

/** The value with every secret in it masked, to the depth that its schema names. */
function masking(name: string, value: unknown, schema: unknown): unknown {
  if (value === null || value === undefined || value === '') return value;
  if (isRecord(schema) && schema['secret'] === true) return mask;
  if (secretName.test(name) && typeof value !== 'boolean') return mask;
  if (Array.isArray(value)) return value.map((one) => masking('', one, undefined));
  if (typeof value === 'string') return looksSecret(value) ? mask : value;
  if (!isRecord(value)) return value;
  const inner = isRecord(schema) ? schemasOf(schema['properties']) : {};
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, masking(key, one, inner[key])]));
}

const secretName =
  /pass(?:word|wd|phrase|code)|(?:^|[_-])(?:pass|pwd)(?:$|[_-])|secret|token|credential|api[_-]?key|private[_-]?key|access[_-]?key/i;

const secretShapes: readonly RegExp[] = [
  // Keys that name themselves: Slack, GitHub, GitLab, AWS, Stripe and OpenAI, Google, npm, JSON Web Tokens, PEM.
  /\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}/,
  /\bgh[opsur]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}|\bnpm_\w{30,}/,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b[sr]k[-_](?:live|test|proj|ant)?[-_]?\w{16,}/,
  /\bAIza[\w-]{30,}/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  // A password in an address, or given by name within a command.
  /:\/\/[^\s/:@]+:[^\s/@]+@/,
  /(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key)["']?\s*[=:]\s*["']?[^\s"']/i,
  /--?(?:password|passwd|pass|pwd|token|secret|api[_-]?key)[ =]\S/i,
  /\b(?:Bearer|Basic)\s+[\w+/=.-]{8,}/i,
];

/** One word that nobody chose by hand: a StackStorm token is 32 hex digits, an API key a long mixture. */
function isRandomWord(word: string): boolean {
  if (/^[0-9a-f]{32}$|^[0-9a-f]{64}$/i.test(word)) return true;
  return /^[\w+/=-]{24,}$/.test(word) && /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d.*\d/.test(word);
}

/** Whether a text holds what looks like a secret: the small rule that docs/results.md tells. */
function looksSecret(text: string): boolean {
  return secretShapes.some((shape) => shape.test(text)) || text.split(/[\s"',;]+/).some(isRandomWord);
}

function schemasOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
