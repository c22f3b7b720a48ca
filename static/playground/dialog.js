import { submit } from './api.js';
import { el } from './element.js';
import { renderParts } from './parts.js';

/**
 * What the bot asks in a dialog, and what it answers there. Escape and the close button end it, and what was focused
 * before is focused again.
 */
export function createDialog(dialog) {
  const close = () => dialog.close();
  dialog.addEventListener('close', () => dialog.replaceChildren());

  const fill = (title, ...content) => {
    const heading = el('h2', { id: 'dialog-title' }, title);
    const cross = el('button', { type: 'button', className: 'close' }, '×');
    cross.setAttribute('aria-label', 'Close');
    cross.addEventListener('click', close);
    dialog.replaceChildren(el('div', { className: 'dialog-head' }, heading, cross), ...content);
    if (!dialog.open) dialog.showModal();
  };

  const showMessage = (title, message) => {
    const done = el('button', { type: 'button', className: 'button' }, 'Close');
    done.addEventListener('click', close);
    const content = el('div', { className: 'content' }, ...renderParts(message));
    fill(title, content, el('div', { className: 'dialog-foot' }, done));
    (content.querySelector('a.button') ?? done).focus();
  };

  return {
    showForm(person, form) {
      const fields = form.fields.map(createField);
      const send = el('button', { type: 'submit', className: 'button primary' }, form.submit);
      const cancel = el('button', { type: 'button', className: 'button' }, 'Cancel');
      const trouble = el('p', { className: 'fault', hidden: true });
      trouble.setAttribute('role', 'alert');
      cancel.addEventListener('click', close);
      const element = el(
        'form',
        {},
        form.text !== undefined && el('p', { className: 'text' }, form.text),
        ...fields.map((field) => field.element),
        trouble,
        el('div', { className: 'dialog-foot' }, cancel, send),
      );
      element.addEventListener('submit', async (event) => {
        event.preventDefault();
        send.disabled = true;
        const entered = Object.fromEntries(fields.map(({ name, input }) => [name, input.value]));
        const { ok, words, body } = await submit({ user: person, form: form.id, fields: entered });
        send.disabled = false;
        if (!dialog.open) return;
        trouble.textContent = ok ? '' : words;
        trouble.hidden = ok;
        if (!ok) return;
        if (body.kind === 'show') return showMessage(body.title, body);
        if (body.kind === 'done') return close();
        for (const field of fields) field.fault(body.faults[field.name] ?? '');
        fields.find((field) => body.faults[field.name] !== undefined)?.input.focus();
      });
      fill(form.title, element);
      fields[0]?.input.focus();
    },
  };
}

/** One field with its label, hint and fault, each told to those who do not see them. */
function createField(field) {
  const id = `field-${field.name}`;
  const input = el(field.multiline ? 'textarea' : 'input', {
    id,
    name: field.name,
    value: field.initial ?? '',
    placeholder: field.placeholder ?? '',
    required: field.optional !== true,
    autocomplete: 'off',
    spellcheck: false,
    ...(field.multiline ? { rows: 4 } : { type: 'text' }),
  });
  if (field.minLength !== undefined) input.minLength = field.minLength;
  if (field.maxLength !== undefined) input.maxLength = field.maxLength;
  input.setAttribute('autocapitalize', 'none');
  input.setAttribute('aria-describedby', `${id}-hint ${id}-fault`);
  const fault = el('p', { id: `${id}-fault`, className: 'fault', hidden: true });
  fault.setAttribute('role', 'alert');
  return {
    name: field.name,
    input,
    element: el(
      'div',
      { className: 'field' },
      el('label', { htmlFor: id }, field.label),
      input,
      el('p', { id: `${id}-hint`, className: 'hint', hidden: field.hint === undefined }, field.hint ?? ''),
      fault,
    ),
    fault(words) {
      fault.textContent = words;
      fault.hidden = words === '';
      input.setAttribute('aria-invalid', String(words !== ''));
    },
  };
}
