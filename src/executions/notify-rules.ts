import { z } from 'zod';
import type { Rule } from '../stackstorm/wire.ts';

const notifyTrigger = 'core.st2.generic.notifytrigger';
const triggerOf = z.union([
  z.string(),
  z
    .looseObject({ ref: z.string().nullish(), type: z.string().nullish() })
    .transform((trigger) => trigger.type ?? trigger.ref ?? ''),
]);
const criterion = z.looseObject({ type: z.string(), pattern: z.unknown() });

/**
 * Whether an enabled rule may answer a finished execution on this route with an announcement (st2's contrib/chatops/rules:
 * trigger `core.st2.generic.notifytrigger`, criteria `trigger.route` equals). A rule that compares in a way we do not
 * read counts as one: waiting in vain costs seconds, not waiting costs the alias's own format.
 */
export function hasNotifyRule(rules: readonly Rule[], route: string): boolean {
  return rules.some((rule) => {
    const trigger = triggerOf.safeParse(rule.trigger);
    if (!rule.enabled || !trigger.success || trigger.data !== notifyTrigger) return false;
    const condition = criterion.safeParse(rule.criteria?.['trigger.route']);
    if (!condition.success) return true;
    const { type, pattern } = condition.data;
    if (type === 'equals' || type === 'eq') return pattern === route;
    if (type === 'iequals' || type === 'ieq') {
      return typeof pattern === 'string' && pattern.toLowerCase() === route.toLowerCase();
    }
    return true;
  });
}

/** The part after `st2.announcement__` under which a route's results come: the stock rule `chatops.notify` drops `hubot`. */
export function announcementRouteOf(routeKey: string): string {
  return routeKey === 'hubot' ? 'chatops' : routeKey;
}
