import { type KnownKey, knownKeys } from '../src/config/known-keys.ts';

const start = '<!-- keys: written by `npm run schema` -->';
const end = '<!-- end of keys -->';

/** docs/configuration.md with its tables of keys as the schema has them now. */
export function withReference(page: string): string {
  const from = page.indexOf(start);
  const to = page.indexOf(end);
  if (from === -1 || to < from)
    throw new Error(`docs/configuration.md has no place for the keys: ${start} … ${end}`);
  return `${page.slice(0, from)}${start}\n\n${tables()}\n${page.slice(to)}`;
}

function tables(): string {
  return [...knownKeys().keys.values()]
    .filter(({ kind }) => kind === 'group')
    .map((section) => {
      const rows = leaves(section).map(
        (key) => `| \`${key.path}\` | ${kindWords(key)} | ${defaultWords(key)} | ${cell(key.description)} |`,
      );
      const table =
        rows.length === 0
          ? []
          : ['', '| Key | Kind | Default | What it is |', '| --- | --- | --- | --- |', ...rows];
      return [`### \`${section.path}\``, '', section.description, ...table, ''].join('\n');
    })
    .join('\n');
}

/** The keys that hold a value, and the groups that are one by standing there (`auth.standalone: {}`); a list's after it. */
function leaves(group: KnownKey): KnownKey[] {
  return [...group.keys.values()].flatMap((key) => {
    const inner = key.item === undefined ? [] : leaves(key.item);
    return key.keys.size === 0 ? [key, ...inner] : leaves(key);
  });
}

function kindWords({ kind, title, item }: KnownKey): string {
  if (kind === 'list') return cell(`list of: ${item?.title ?? ''}`);
  if (kind === 'group') return title === '' ? '`{}`' : cell(title);
  return cell(title);
}

function defaultWords({ default: standard, required, path }: KnownKey): string {
  if (standard !== undefined) return `\`${JSON.stringify(standard)}\``;
  return required && !path.startsWith('stackstorm.credential') ? '**required**' : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
