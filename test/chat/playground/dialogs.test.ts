import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type {
  ChatAction,
  Form,
  FormAnswer,
  FormSubmission,
  Home,
  HomeRequest,
} from '../../../src/chat/chat.ts';
import { openSqlite } from '../../../src/storage/sqlite.ts';
import { Ear, startPlayground } from '../../support/playground-server.ts';

const form: Form = {
  id: 'ask',
  value: 'what nobody may forge',
  title: 'A question',
  submit: 'Send',
  fields: [{ type: 'text', name: 'word', label: 'A word' }],
};
const button = { label: 'Ask', action: 'ask', value: '1' };

/** A bot that asks in a dialog, finds `bad` wrong, and shows what was entered. */
class AskingEar extends Ear {
  asks: Form = form;
  readonly entered: FormSubmission[] = [];
  readonly looked: HomeRequest[] = [];

  override async action(action: ChatAction): Promise<Form | undefined> {
    await super.action(action);
    return this.asks;
  }

  override async submit(submission?: FormSubmission): Promise<FormAnswer> {
    if (submission === undefined) return { kind: 'done' };
    this.entered.push(submission);
    const { word } = submission.fields;
    if (word === undefined) return { kind: 'done' };
    if (word === 'no') return { kind: 'refused', text: 'Not at all.' };
    if (word === 'bad') return { kind: 'invalid', faults: { word: 'Not this one.' } };
    const parts = [{ type: 'text', text: `It was ${word}.` }] as const;
    return { kind: 'show', title: 'Thanks', post: { text: 'Thanks.', parts } };
  }

  override async home(request?: HomeRequest): Promise<Home> {
    if (request !== undefined) this.looked.push(request);
    return { parts: [{ type: 'buttons', buttons: [button] }] };
  }
}

async function start(t: { after(done: () => Promise<void>): void }) {
  const store = await openSqlite({ path: ':memory:' });
  t.after(() => store.close());
  const ear = new AskingEar();
  const server = await startPlayground(t, store, { ear });
  const post = (path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
    fetch(`${server.url}/playground/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const open = async (user: string) => {
    const pressed = await post('actions', { user, action: 'ask', value: '1' });
    assert.equal(pressed.status, 202);
    const { form: shown } = z.object({ form: z.looseObject({ id: z.string() }) }).parse(await pressed.json());
    return shown;
  };
  return { ear, post, open, url: server.url };
}

test('a dialog goes to the page without what comes back with it, and what is entered goes to the bot', async (t) => {
  const { ear, post, open } = await start(t);
  const shown = await open('alice');
  const { value: _, ...rest } = form;
  assert.deepEqual(shown, { ...rest, id: shown.id });
  assert.notEqual(shown.id, 'ask');

  const bad = await post('forms', { user: 'alice', form: shown.id, fields: { word: 'bad', other: 'x' } });
  assert.deepEqual(await bad.json(), { kind: 'invalid', faults: { word: 'Not this one.' } });
  const good = await post('forms', { user: 'alice', form: shown.id, fields: { word: 'good' } });
  assert.deepEqual(await good.json(), {
    kind: 'show',
    title: 'Thanks',
    text: 'Thanks.\nIt was good.',
    blocks: [{ type: 'text', text: 'It was good.' }],
  });
  const over = await post('forms', { user: 'alice', form: shown.id, fields: { word: 'good' } });
  assert.equal(over.status, 404);
  assert.deepEqual(
    ear.entered.map(({ form: id, value, fields, place }) => ({ id, value, fields, channel: place.channel })),
    ['bad', 'good'].map((word) => ({
      id: 'ask',
      value: 'what nobody may forge',
      fields: { word },
      channel: 'dm-alice',
    })),
  );
  assert.notEqual(ear.entered[0]?.eventId, ear.entered[1]?.eventId);
  const empty = await open('alice');
  assert.deepEqual(
    await (await post('forms', { user: 'alice', form: empty.id, fields: { word: '' } })).json(),
    { kind: 'done' },
  );
  assert.deepEqual(ear.entered[2]?.fields, {});
});

test('a dialog of another person, of nobody, or from elsewhere reaches nobody', async (t) => {
  const { ear, post, open, url } = await start(t);
  const { id } = await open('alice');
  const body = { user: 'alice', form: id, fields: { word: 'x' } };
  const unknown = '11111111-1111-4111-8111-111111111111';
  assert.equal((await post('forms', { ...body, user: 'bob' })).status, 404);
  assert.equal((await post('forms', { ...body, form: unknown })).status, 404);
  assert.equal((await post('forms', { ...body, form: 'ask' })).status, 422);
  assert.equal((await post('forms', { ...body, fields: { word: 7 } })).status, 422);
  assert.equal((await post('forms', { ...body, fields: { word: 'x'.repeat(3_001) } })).status, 422);
  assert.equal((await post('forms', body, { origin: 'https://elsewhere.example' })).status, 403);
  assert.equal((await post('forms', body, { 'content-type': 'text/plain' })).status, 403);
  assert.equal((await post('actions', { user: 'alice', action: 'ask', value: '2' })).status, 404);
  assert.equal(ear.entered.length, 0);
  const home = await fetch(`${url}/playground/api/home?user=mallory`);
  assert.equal(home.status, 422);
});

test('the bot’s page is the person’s own, with what they search for', async (t) => {
  const { ear, url } = await start(t);
  const answer = await fetch(`${url}/playground/api/home?user=bob&search=vms`);
  assert.deepEqual(await answer.json(), { blocks: [{ type: 'buttons', buttons: [button] }] });
  assert.equal(ear.looked[0]?.search, 'vms');
  assert.deepEqual(ear.looked[0]?.user, { platform: 'playground', workspace: 'demo', id: 'bob' });
});

test('every kind of field gets what fits it; what does not is said at the field, and the dialog stays', async (t) => {
  const { ear, post, open } = await start(t);
  const options = [
    { label: 'One', value: '1' },
    { label: 'Two', value: '2' },
  ];
  ear.asks = {
    ...form,
    fields: [
      { type: 'text', name: 'word', label: 'A word', optional: true },
      { type: 'number', name: 'size', label: 'Size', integer: true, min: 1, max: 5 },
      { type: 'number', name: 'rate', label: 'Rate', optional: true },
      { type: 'select', name: 'one', label: 'One', options },
      { type: 'multiSelect', name: 'some', label: 'Some', options, optional: true },
      { type: 'boolean', name: 'now', label: 'Now' },
    ],
  };
  const { id } = await open('alice');
  const send = async (fields: unknown) => (await post('forms', { user: 'alice', form: id, fields })).json();
  const faulty = { word: true, size: '6', rate: '1e3', one: '3', some: ['1', 'x'], now: 'yes' };
  const named = z.object({ faults: z.record(z.string(), z.string()) });
  assert.deepEqual(Object.keys(named.parse(await send(faulty)).faults), Object.keys(faulty));
  assert.deepEqual(Object.keys(named.parse(await send({ size: '', some: [] })).faults), ['size', 'one']);
  assert.deepEqual(Object.keys(named.parse(await send({ size: '1.5', one: ['1'] })).faults), ['size', 'one']);
  assert.equal(ear.entered.length, 0);
  assert.deepEqual(await send({ word: 'no', size: '2', one: '1' }), { kind: 'refused', text: 'Not at all.' });
  assert.deepEqual(
    await send({ size: '5', rate: '-0.5', one: '2', some: ['2', '1'], now: true, constructor: 'x' }),
    {
      kind: 'done',
    },
  );
  assert.deepEqual(
    ear.entered.map(({ fields }) => fields),
    [
      { word: 'no', size: '2', one: '1', now: false },
      { size: '5', rate: '-0.5', one: '2', some: ['1', '2'], now: true },
    ],
  );
});
