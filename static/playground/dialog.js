import { submit } from './api.js';
import { el } from './element.js';
import { createField } from './field.js';
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
        trouble,
        ...fields.map((field) => field.element),
        el('div', { className: 'dialog-foot' }, cancel, send),
      );
      element.addEventListener('submit', async (event) => {
        event.preventDefault();
        send.disabled = true;
        const entered = Object.fromEntries(fields.map(({ name, value }) => [name, value()]));
        const { ok, words, body } = await submit({ user: person, form: form.id, fields: entered });
        send.disabled = false;
        if (!dialog.open) return;
        const refusal = ok ? (body.kind === 'refused' ? body.text : '') : words;
        trouble.textContent = refusal;
        trouble.hidden = refusal === '';
        if (refusal !== '') trouble.scrollIntoView({ block: 'nearest' });
        if (!ok) return;
        if (body.kind === 'show') return showMessage(body.title, body);
        if (body.kind === 'done') return close();
        const faults = body.faults ?? {};
        for (const field of fields) field.fault(faults[field.name] ?? '');
        fields.find((field) => faults[field.name] !== undefined)?.focus();
      });
      fill(form.title, element);
      fields[0]?.focus();
    },
  };
}
