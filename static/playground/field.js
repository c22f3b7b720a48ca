import { el } from './element.js';

/**
 * One field of a dialog with its label, hint and fault, each told to those who do not see them. `value()` is what was
 * entered; undefined where a field was left empty.
 */
export function createField(field) {
  const id = `field-${field.name}`;
  const { control, value, focused, isGroup = false } = controls[field.type](field, id);
  const label = isGroup
    ? el('p', { id: `${id}-label`, className: 'label' }, field.label)
    : el('label', { htmlFor: id }, field.label);
  const fault = el('p', { id: `${id}-fault`, className: 'fault', hidden: true });
  fault.setAttribute('role', 'alert');
  if (isGroup) {
    control.setAttribute('role', 'group');
    control.setAttribute('aria-labelledby', label.id);
  }
  control.setAttribute('aria-describedby', `${id}-hint ${id}-fault`);
  return {
    name: field.name,
    value,
    focus: () => focused.focus(),
    element: el(
      'div',
      { className: 'field' },
      label,
      control,
      el('p', { id: `${id}-hint`, className: 'hint', hidden: field.hint === undefined }, field.hint ?? ''),
      fault,
    ),
    fault(words) {
      fault.textContent = words;
      fault.hidden = words === '';
      control.setAttribute('aria-invalid', String(words !== ''));
    },
  };
}

const controls = {
  text(field, id) {
    const input = typed(field.multiline ? 'textarea' : 'input', field, id);
    if (field.multiline) input.rows = 4;
    else input.type = 'text';
    if (field.minLength !== undefined) input.minLength = field.minLength;
    if (field.maxLength !== undefined) input.maxLength = field.maxLength;
    return { control: input, focused: input, value: () => input.value || undefined };
  },

  number(field, id) {
    const input = typed('input', field, id);
    input.type = 'number';
    input.step = field.integer ? '1' : 'any';
    if (field.min !== undefined) input.min = field.min;
    if (field.max !== undefined) input.max = field.max;
    return { control: input, focused: input, value: () => input.value || undefined };
  },

  select(field, id) {
    const choose = el('option', { value: '' }, field.optional ? '–' : 'Choose…');
    const options = field.options.map(({ label, value }) => el('option', { value }, label));
    const select = el('select', { id, name: field.name, required: !field.optional }, choose, ...options);
    select.value = field.initial ?? '';
    return { control: select, focused: select, value: () => select.value || undefined };
  },

  multiSelect(field, id) {
    const boxes = field.options.map(({ label, value }, at) =>
      box(`${id}-${at}`, label, value, field.initial?.includes(value) ?? false),
    );
    return {
      isGroup: true,
      control: el('div', { id, className: 'boxes' }, ...boxes.map(({ element }) => element)),
      focused: boxes[0].input,
      value: () => boxes.flatMap(({ input }) => (input.checked ? [input.value] : [])),
    };
  },

  boolean(field, id) {
    const { element, input } = box(`${id}-box`, field.tick ?? field.label, 'yes', field.initial ?? false);
    return {
      isGroup: true,
      control: el('div', { id, className: 'boxes' }, element),
      focused: input,
      value: () => input.checked,
    };
  },
};

function typed(name, field, id) {
  const input = el(name, {
    id,
    name: field.name,
    value: field.initial ?? '',
    placeholder: field.placeholder ?? '',
    required: field.optional !== true,
    autocomplete: 'off',
    spellcheck: false,
  });
  input.setAttribute('autocapitalize', 'none');
  return input;
}

function box(id, label, value, checked) {
  const input = el('input', { type: 'checkbox', id, value, checked });
  return { input, element: el('label', { className: 'tick', htmlFor: id }, input, el('span', {}, label)) };
}
