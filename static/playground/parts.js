import { el } from './element.js';

/** The parts of a message as elements; a message without parts is its text. */
export function renderParts(message, onPress) {
  const parts = message.blocks.filter((block) => block.type !== 'extra');
  const extras = message.blocks.filter((block) => block.type === 'extra');
  const shown = parts.length > 0 ? parts : [{ type: 'text', text: message.text }];
  return [...shown, ...extras].map((part) => renderers[part.type]?.(part, onPress));
}

const renderers = {
  text: (part) => el('p', { className: 'text' }, ...withLinks(part.text)),
  heading: (part) => el('h3', {}, part.text),
  code: (part) => {
    const code = el('pre', { tabIndex: 0 }, el('code', {}, part.text));
    code.setAttribute('aria-label', 'Code');
    code.setAttribute('role', 'group');
    return el('div', { className: 'code' }, code, copyButton(part.text));
  },
  table: (part) =>
    el(
      'div',
      { className: 'table', tabIndex: 0 },
      el(
        'table',
        {},
        el('thead', {}, el('tr', {}, ...part.columns.map((column) => el('th', { scope: 'col' }, column)))),
        el('tbody', {}, ...part.rows.map((row) => el('tr', {}, ...row.map((cell) => el('td', {}, cell))))),
      ),
    ),
  fields: (part) =>
    el(
      'dl',
      {},
      ...part.fields.map((field) => el('div', {}, el('dt', {}, field.label), el('dd', {}, field.value))),
    ),
  context: (part) => el('p', { className: 'context' }, ...withLinks(part.text)),
  buttons: (part, onPress) =>
    el('div', { className: 'buttons' }, ...part.buttons.map((button) => renderButton(button, onPress))),
  extra: (part) =>
    el(
      'details',
      {},
      el('summary', {}, 'Extra for other platforms'),
      el('pre', { tabIndex: 0 }, JSON.stringify(part.extra, null, 2)),
    ),
};

function renderButton(button, onPress) {
  const className = `button ${button.style ?? ''}`;
  if (button.url !== undefined) return linkButton(button, className);
  const element = el('button', { type: 'button', className }, button.label);
  element.addEventListener('click', () => onPress(button));
  return element;
}

/** The text with its web addresses as links; nothing else in it is markup. */
function withLinks(text) {
  return text
    .split(/(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)\]])/)
    .map((piece, at) =>
      at % 2 === 0 ? piece : el('a', { href: piece, target: '_blank', rel: 'noopener noreferrer' }, piece),
    );
}

/** Only what a browser may open: a button never runs a script. */
function linkButton(button, className) {
  const isWeb = /^https?:\/\//i.test(button.url);
  const link = el('a', { className, target: '_blank', rel: 'noopener noreferrer' }, button.label);
  if (isWeb) link.href = button.url;
  link.append(el('span', { className: 'visually-hidden' }, ' (opens in a new tab)'));
  return link;
}

function copyButton(text) {
  const button = el('button', { type: 'button', className: 'copy' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 1500);
  });
  return button;
}
