import type { Execution } from './executions.ts';
import { renderValues } from './jinja.ts';
import { JinjaRenderError, JinjaSyntaxError } from './jinja-values.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { notifyRouteOf, type Packs } from './packs.ts';
import { pythonStr } from './python-text.ts';
import { resultMessage } from './result-message.ts';

/**
 * StackStorm's notifier and the chatops pack's notify rules in one: a finished execution that asks for a route, and for
 * which a rule stands, becomes an announcement. Source: st2actions/notifier/notifier.py, contrib/chatops.
 * @module
 */

export interface Announcement {
  readonly route: string;
  readonly payload: JsonObject;
}

/**
 * The announcements of a finished execution. The notifier renders `user`, `source_channel` and every value of
 * `source_context` as Jinja: chat text there runs as a template.
 */
export function announcementsOf(execution: Execution, record: JsonObject, packs: Packs): Announcement[] {
  const onComplete = execution.notify?.['on-complete'];
  if (!isJsonObject(onComplete) || !isJsonObject(onComplete['data'])) return [];
  const routes = Array.isArray(onComplete['routes']) ? onComplete['routes'] : [];
  const data = rendered(onComplete['data'], record);
  return routes.flatMap((route) => {
    const rule = packs.rules.find((candidate) => notifyRouteOf(candidate) === route);
    if (rule === undefined) return [];
    const message = resultMessage(record, aliasOf(execution, packs));
    if (message === null) return [];
    const context = data['source_context'];
    const payload = {
      message: message.message,
      channel: pythonStr(data['source_channel']),
      user: pythonStr(data['user']),
      whisper: false,
      extra: message.extra,
      ...(isJsonObject(context) ? { context } : {}),
    };
    const kept = rule.action.parameters['route'];
    return [{ route: kept === undefined ? 'chatops' : String(route), payload }];
  });
}

/** A value that does not render stays as it was; the notifier only logs that. */
function rendered(data: JsonObject, execution: JsonObject): JsonObject {
  try {
    return renderValues(data, {
      parameters: execution['parameters'] ?? {},
      results: execution['result'] ?? {},
    });
  } catch (error) {
    if (error instanceof JinjaRenderError || error instanceof JinjaSyntaxError) return data;
    throw error;
  }
}

function aliasOf(execution: Execution, packs: Packs): ReturnType<Packs['alias']> {
  const reference = execution.context['action_alias_ref'];
  return isJsonObject(reference) ? packs.alias(String(reference['id'])) : undefined;
}
