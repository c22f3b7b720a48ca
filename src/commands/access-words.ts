import type { UserKind } from '../chat/chat.ts';
import type { Decision } from './access.ts';
import type { ReadyRule } from './access-rules.ts';

const people: Readonly<Record<UserKind, string>> = {
  member: 'members',
  guest: 'guests',
  stranger: 'people of other organisations',
  bot: 'bots',
};

/** How a rule is called: `rule 2 ("prod only by ops")`. */
export function ruleWords({ number, rule }: ReadyRule): string {
  return rule.name === undefined ? `rule ${number}` : `rule ${number} (“${rule.name}”)`;
}

/** Why something was not done, to the person who asked, alone. */
export function deniedWords(decision: Decision): string {
  const { rule, userKind, withoutGroups } = decision;
  const who = userKind === 'member' ? 'you' : people[userKind];
  const why =
    rule === undefined
      ? `No access rule of this bot lets ${who} run that`
      : `This bot’s access ${ruleWords(rule)} does not let you run that`;
  const groups = withoutGroups
    ? ' I could not read which user groups you are in, so rules about groups counted against you; please try again in a moment.'
    : '';
  return `${why}, so nothing was done.${groups}`;
}

/** Why nothing here is for this person. */
export function notServedWords(userKind: UserKind): string {
  return `I serve members of this workspace; no access rule opens me to ${people[userKind]} here.`;
}
