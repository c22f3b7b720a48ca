import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { whyNoForm } from '../../../src/chat/form.ts';
import { formView } from '../../../src/chat/slack/modal.ts';
import { fieldsOf, filled } from '../../../src/executions/inquiries/form-fields.ts';
import { type Question, questionsOf } from '../../../src/executions/inquiries/questions.ts';
import { typedAnswer } from '../../../src/executions/inquiries/typed-answer.ts';
import { needsShared, readSharedJson } from '../../support/shared.ts';
import { viewFaults } from '../../support/slack/block-kit/validate.ts';
import { assertGolden } from '../../support/slack/golden.ts';

const place = { platform: 'slack', workspace: 'T024', channel: 'C0GENERAL', kind: 'channel' } as const;

function asked(schema: unknown): readonly Question[] {
  const read = questionsOf(schema);
  assert.equal(read.kind, 'questions', JSON.stringify(read));
  return read.kind === 'questions' ? read.questions : [];
}

function object(properties: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return { type: 'object', properties, ...more };
}

const all = {
  title: 'Everything',
  ...object(
    {
      reason: { type: 'string', description: 'Why?', required: true, minLength: 2 },
      notes: { type: ['string', 'null'], title: 'Notes', maxLength: 900 },
      env: { enum: ['prod', 'staging', 3, null, true], default: 'staging' },
      count: { type: 'integer', minimum: 1, maximum: 9, default: 2 },
      ratio: { type: 'number' },
      sure: { type: 'boolean', required: true },
      loud: { type: 'boolean', default: true, description: 'Ping people' },
      hosts: {
        type: 'array',
        items: { type: 'string', enum: ['web1', 'web2', 'db1'] },
        default: ['db1', 'x'],
      },
      tickets: { type: 'array', items: { type: 'integer' } },
      any: { description: 'No type at all' },
      pin: { type: 'string', secret: true, pattern: '^[0-9]{4}$' },
    },
    { required: ['count'] },
  ),
};

test('a schema of everything becomes a modal that Slack can draw', () => {
  const questions = asked(all);
  assert.deepEqual(
    questions.map(({ name, kind, required, secret }) => [name, kind, required, secret]),
    [
      ['reason', 'text', true, false],
      ['notes', 'text', false, false],
      ['env', 'choice', false, false],
      ['count', 'integer', true, false],
      ['ratio', 'number', false, false],
      ['sure', 'boolean', true, false],
      ['loud', 'boolean', false, false],
      ['hosts', 'choices', false, false],
      ['tickets', 'list', false, false],
      ['any', 'text', false, false],
      ['pin', 'text', false, true],
    ],
  );
  const form = { id: 'inquiry', value: 'v', title: 'T', submit: 'S', fields: fieldsOf(questions) };
  const view = formView(form, place);
  assert.deepEqual(viewFaults('modal', view), []);
  assertGolden('form-inquiry', view);
});

test('what was entered becomes the answer, each property as its type', () => {
  const entered = {
    q0: 'because',
    q2: '2',
    q3: '7',
    q4: '0.5',
    q5: 'no',
    q6: false,
    q7: ['0', '2'],
    q8: '12\n 13 ',
    q10: '0007',
  };
  assert.deepEqual(filled(asked(all), entered), {
    kind: 'response',
    response: {
      reason: 'because',
      env: 3,
      count: 7,
      ratio: 0.5,
      sure: false,
      loud: false,
      hosts: ['web1', 'db1'],
      tickets: [12, 13],
      pin: '0007',
    },
  });
});

test('an answer of the wrong type gets its fault at its field', () => {
  const table: readonly (readonly [Record<string, unknown>, unknown, RegExp])[] = [
    [{ type: 'integer' }, '1.5', /whole number/],
    [{ type: 'integer' }, 'many', /A number/],
    [{ type: 'integer' }, '9007199254740993', /too large/],
    [{ type: 'number' }, '1e999', /too large/],
    [{ type: 'integer', minimum: 3 }, '2', /3 or more/],
    [{ type: 'number', maximum: 3 }, '3.1', /At most 3/],
    [{ enum: ['a'] }, '1', /not an answer/],
    [{ enum: ['a'] }, 'a', /not an answer/],
    [{ type: 'boolean' }, 'perhaps', /Yes or no/],
    [{ type: 'array', items: { enum: ['a'] } }, ['1'], /not an answer/],
    [{ type: 'array', items: { enum: ['a'] } }, 'a', /not an answer/],
    [{ type: 'array', items: { type: 'number' } }, '1\nx', /A number/],
    [{ type: 'string' }, true, /not an answer/],
    [{ type: 'string', required: true }, undefined, /answer this one/],
  ];
  for (const [property, value, words] of table) {
    const given = z.record(z.string(), z.union([z.string(), z.boolean(), z.array(z.string())]));
    const result = filled(
      asked(object({ p: property })),
      given.parse(value === undefined ? {} : { q0: value }),
    );
    assert.match(
      result.kind === 'faults' ? (result.faults['q0'] ?? '') : 'none',
      words,
      JSON.stringify(property),
    );
  }
  const withDefault = asked(object({ p: { type: 'string', required: true, default: 'x' } }));
  assert.deepEqual(
    filled(withDefault, {}),
    { kind: 'response', response: {} },
    'StackStorm fills in defaults',
  );
});

test('what no dialog can ask is known before, and odd schemas harm nobody', () => {
  const nested = { kind: 'unaskable', why: 'nested', property: 'p' };
  const none = { kind: 'unaskable', why: 'no-schema' };
  const table: readonly (readonly [unknown, unknown])[] = [
    [undefined, none],
    [null, none],
    [{}, none],
    ['text', none],
    [object({}), none],
    [{ type: 'array', items: {} }, none],
    [object({ p: object({ x: {} }) }), nested],
    [object({ p: { type: 'array', items: object({}) } }), nested],
    [object({ p: { type: 'array', items: [{ type: 'string' }] } }), nested],
    [object({ p: { enum: [{ a: 1 }] } }), nested],
    [object({ p: { type: ['integer', 'boolean'] } }), nested],
    [object({ p: { type: 'constructor' } }), nested],
    [object({ p: 'text' }), nested],
    [object({ p: { default: {} } }), nested],
  ];
  for (const [schema, expected] of table)
    assert.deepEqual(questionsOf(schema), expected, JSON.stringify(schema));
  const odd = {
    type: 'string',
    title: 7,
    minLength: -1,
    maxLength: 'x',
    enum: [],
    minimum: Number.NaN,
    pattern: {},
  };
  assert.deepEqual(asked({ required: 'all', properties: { odd } }), [
    { name: 'odd', kind: 'text', required: false, secret: false },
  ]);
  const many = Object.fromEntries(Array.from({ length: 120 }, (_, at) => [`p${at}`, { type: 'string' }]));
  const form = { id: 'i', value: 'v', title: 'T', submit: 'S' };
  assert.equal(whyNoForm({ ...form, fields: fieldsOf(asked(object(many))) }), 'fields');
  const choices = { enum: Array.from({ length: 101 }, (_, at) => `choice ${at}`) };
  assert.equal(whyNoForm({ ...form, fields: fieldsOf(asked(object({ choices }))) }), 'options');
});

test('StackStorm’s own inquiries, as captured, can be asked', needsShared, () => {
  const captured = z.object({ response: z.object({ body: z.array(z.object({ schema: z.unknown() })) }) });
  const { response } = captured.parse(readSharedJson('stackstorm/wire/inquiries_list.json'));
  assert.deepEqual(
    response.body.map(({ schema }) =>
      asked(schema).map(({ name, kind, required }) => [name, kind, required]),
    ),
    [
      [['continue', 'boolean', true]],
      [
        ['approve', 'boolean', true],
        ['reason', 'text', false],
      ],
      [['continue', 'boolean', true]],
      [['n', 'integer', true]],
    ],
  );
});

test('an answer that is typed', () => {
  const table: readonly (readonly [string, unknown])[] = [
    ['reason=because sure=yes', { reason: 'because', sure: true }],
    ['reason="all is \\"well\\"" count=3', { reason: 'all is "well"', count: 3 }],
    ['reason=“typed by Slack” loud=off', { reason: 'typed by Slack', loud: false }],
    ["reason='one = two' any=", { reason: 'one = two', any: '' }],
    ['env=PROD hosts=web1,db1 tickets="1, 2"', { env: 'prod', hosts: ['web1', 'db1'], tickets: [1, 2] }],
    ['{"reason": "x", "count": 4, "other": {"a": [1]}}', { reason: 'x', count: 4, other: { a: [1] } }],
    ['{“reason”: “x”}', { reason: 'x' }],
    ['unknown=[1,2] more=text', { unknown: [1, 2], more: 'text' }],
  ];
  for (const [text, response] of table)
    assert.deepEqual(typedAnswer(asked(all), text), { kind: 'response', response }, text);
  const only = asked(object({ go: { type: 'boolean' } }));
  assert.deepEqual(typedAnswer(only, 'yes'), { kind: 'response', response: { go: true } });
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['', /after the id/],
    ['because', /name=value/],
    ['reason=a b', /name=value/],
    ['count=many sure=perhaps', /count: A number.*sure: Yes or no/],
    ['env=moon', /env: One of these, please: prod, staging, 3, null, true/],
    ['{"reason": ', /not a JSON object/],
    ['{}]', /not a JSON object/],
  ];
  for (const [text, words] of wrong) {
    const result = typedAnswer(asked(all), text);
    assert.match(result.kind === 'faults' ? result.faults.join(' ') : result.kind, words, text);
  }
  assert.deepEqual(typedAnswer(asked(all), 'pin=0007 reason=x'), { kind: 'secret', names: ['pin'] });
});
