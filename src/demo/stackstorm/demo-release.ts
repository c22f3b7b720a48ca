import { isJsonObject, type JsonObject } from './json.ts';
import { succeeded, type Task, type WorkflowRun } from './runners.ts';

/** What the workflow asks first: a choice, a tick, a number. */
const howSchema = {
  title: 'How to release',
  type: 'object',
  properties: {
    strategy: {
      type: 'string',
      description: 'All at once, or some instances at a time?',
      enum: ['rolling', 'canary', 'all at once'],
      default: 'rolling',
      required: true,
    },
    instances: {
      type: 'integer',
      description: 'How many instances at a time',
      minimum: 1,
      maximum: 20,
      default: 2,
      required: true,
    },
    notify: { type: 'boolean', description: 'Tell the team when it is done', default: true },
    channels: {
      type: 'array',
      description: 'Where to tell',
      items: { type: 'string', enum: ['general', 'ops', 'releases'] },
    },
  },
};

/**
 * `demo.release`: asks how (enum, integer, boolean, array), deploys, and asks StackStorm's own plain question whether to go
 * on.
 */
export function release(parameters: JsonObject, base: number): WorkflowRun {
  const app = String(parameters['app']);
  return {
    next(results) {
      const how = responseIn(results.get('ask_how'));
      const strategy = String(how['strategy'] ?? 'rolling');
      if (!results.has('ask_how'))
        return task('ask_how', 'core.ask', { schema: howSchema, route: 'chatops', ttl: 60 });
      if (!results.has('deploy')) return task('deploy', 'demo.deploy', { app, version: strategy });
      if (!results.has('ask_go_on')) return task('ask_go_on', 'core.ask', { ttl: 30 });
      const goesOn = responseIn(results.get('ask_go_on'))['continue'] === true;
      if (goesOn && !results.has('finish')) return task('finish', 'demo.status', { service: app });
      const output = { app, strategy, instances: how['instances'], released: goesOn };
      return succeeded({ output }, base);
    },
  };
}

function task(name: string, action: string, parameters: JsonObject): Task {
  return { name, action, parameters };
}

/** What was answered to an inquiry, by its result. */
export function responseIn(result: unknown): JsonObject {
  const response = isJsonObject(result) ? result['response'] : undefined;
  return isJsonObject(response) ? response : {};
}
