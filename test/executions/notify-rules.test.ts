import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasNotifyRule } from '../../src/executions/notify-rules.ts';
import { notifyRule } from '../support/scripted-answers.ts';

test('a rule for our route is one that StackStorm would fire', () => {
  assert.equal(hasNotifyRule([], 'errbot'), false);
  const rule = { ref: 'a', enabled: true };
  const rules = (more: Record<string, unknown>) => [
    { ...rule, ...notifyRule('errbot'), ref: 'a', enabled: true, ...more },
  ];
  assert.equal(hasNotifyRule(rules({}), 'errbot'), true);
  assert.equal(hasNotifyRule(rules({}), 'hubot'), false);
  assert.equal(hasNotifyRule(rules({ enabled: false }), 'errbot'), false);
  assert.equal(hasNotifyRule(rules({ criteria: {} }), 'anything'), true);
  assert.equal(hasNotifyRule(rules({ criteria: null }), 'anything'), true);
  assert.equal(hasNotifyRule(rules({ trigger: 'core.st2.generic.notifytrigger' }), 'errbot'), true);
  assert.equal(hasNotifyRule(rules({ trigger: { type: 'core.st2.webhook' } }), 'errbot'), false);
  const criteria = (type: string, pattern: string) => ({ criteria: { 'trigger.route': { type, pattern } } });
  assert.equal(hasNotifyRule(rules(criteria('iequals', 'ERRBOT')), 'errbot'), true);
  assert.equal(hasNotifyRule(rules(criteria('matchregex', 'err.*')), 'errbot'), true);
});
