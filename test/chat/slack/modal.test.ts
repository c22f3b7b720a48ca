import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError, type Form, type FormField } from '../../../src/chat/chat.ts';
import { whyNoForm } from '../../../src/chat/form.ts';
import { formView } from '../../../src/chat/slack/modal.ts';
import { viewFaults } from '../../support/slack/block-kit/validate.ts';
import { assertGolden } from '../../support/slack/golden.ts';

const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;
const long = 'é<'.repeat(4_000);

function formWith(fields: readonly FormField[], value = 'v'): Form {
  return { id: 'ask', value, title: 'A question', submit: 'Send', fields };
}

function offered(count: number, length = 4) {
  return Array.from({ length: count }, (_, at) => ({ label: `${at}`, value: `${at}`.padEnd(length, 'x') }));
}

test('each kind of field as a modal', () => {
  const form = formWith([
    { type: 'text', name: 'reason', label: 'Reason', hint: 'One line', initial: 'none', optional: true },
    { type: 'text', name: 'notes', label: 'Notes', multiline: true, minLength: 2, maxLength: 9_000 },
    { type: 'number', name: 'count', label: 'Count', integer: true, initial: 2, min: 0.5, max: 9.5 },
    { type: 'number', name: 'ratio', label: 'Ratio', initial: 0.5, min: 0, max: 1, optional: true },
    { type: 'select', name: 'stage', label: 'Stage', initial: '1', options: offered(3, 1) },
    { type: 'multiSelect', name: 'hosts', label: 'Hosts', initial: ['0', '2'], options: offered(3, 1) },
    { type: 'boolean', name: 'sure', label: 'Sure?', tick: 'Yes, go on', initial: true },
    { type: 'boolean', name: 'loud', label: 'Tell everybody' },
  ]);
  const view = formView({ ...form, text: 'Please say.' }, place);
  assert.deepEqual(viewFaults('modal', view), []);
  assertGolden('form-every-field', view);
});

test('whatever the texts and numbers are, Slack can draw the modal', () => {
  const odd: readonly FormField[] = [
    {
      type: 'text',
      name: 'a',
      label: '',
      hint: long,
      placeholder: long,
      initial: 'x'.repeat(3_000),
      maxLength: 20,
    },
    { type: 'text', name: 'b', label: long, placeholder: '', minLength: 5_000 },
    { type: 'number', name: 'c', label: '\u0000', initial: 9, min: 3, max: 2 },
    { type: 'number', name: 'd', label: 'd', initial: 1.5, integer: true },
    { type: 'number', name: 'e', label: 'e', initial: 1e300, min: Number.NEGATIVE_INFINITY, max: Number.NaN },
    { type: 'number', name: 'f', label: 'f', initial: 11, max: 10 },
    { type: 'select', name: 'g', label: 'g', initial: 'none', options: [{ label: long, value: ' ' }] },
    { type: 'multiSelect', name: 'h', label: 'h', initial: [], options: offered(100, 150) },
    { type: 'boolean', name: 'i', label: long },
  ];
  assert.deepEqual(
    viewFaults('modal', formView({ ...formWith(odd), title: long, submit: long, text: long }, place)),
    [],
  );
});

test('what no modal can hold is told before, and never sent', () => {
  const text = { type: 'text', label: 'x' } as const;
  const many = (count: number) => Array.from({ length: count }, (_, at) => ({ ...text, name: `${at}` }));
  const table: readonly (readonly [ReturnType<typeof whyNoForm>, Form])[] = [
    [undefined, formWith(many(95))],
    ['fields', formWith(many(96))],
    ['fields', formWith([])],
    ['options', formWith([{ type: 'select', name: 'a', label: 'a', options: offered(101) }])],
    ['options', formWith([{ type: 'multiSelect', name: 'a', label: 'a', options: [] }])],
    ['length', formWith([{ type: 'select', name: 'a', label: 'a', options: offered(1, 151) }])],
    ['length', formWith([{ ...text, name: 'n'.repeat(256) }])],
    ['length', formWith([{ ...text, name: 'a', initial: long }])],
    ['length', formWith(many(1), 'v'.repeat(2_001))],
  ];
  for (const [why, form] of table) {
    assert.equal(whyNoForm(form), why);
    if (why === undefined)
      assert.deepEqual(viewFaults('modal', formView({ ...form, text: 'why' }, place)), []);
    else assert.throws(() => formView(form, place), ChatError);
  }
});
