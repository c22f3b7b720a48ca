import { responseIn } from './demo-release.ts';
import type { JsonObject } from './json.ts';
import { succeeded, type WorkflowRun } from './runners.ts';

/** What goes into the change log: a sentence, and how much is at stake. */
const whySchema = {
  title: 'Why is this rolled out?',
  type: 'object',
  properties: {
    reason: {
      type: 'string',
      description: 'For the change log',
      minLength: 5,
      maxLength: 120,
      required: true,
    },
    risk: { type: 'string', enum: ['low', 'medium', 'high'], default: 'low', required: true },
  },
};

/** Two answers and not a tick: whoever decides says so. */
const goSchema = {
  title: 'Staging is healthy. Go on to production?',
  type: 'object',
  properties: { go: { type: 'boolean', description: 'Go on to production?', required: true } },
};

/**
 * `demo.roll_out`: asks anybody for the reason, deploys to staging, asks those with StackStorm's role `admin` for a go,
 * deploys to production, and looks whether it is healthy.
 */
export function rollOut(parameters: JsonObject, base: number): WorkflowRun {
  const app = String(parameters['app']);
  const version = String(parameters['version']);
  const deploy = (name: string, env: string) => ({
    name,
    action: 'demo.deploy',
    parameters: { app, version, env },
  });
  return {
    next(results) {
      const why = responseIn(results.get('ask_why'));
      const go = responseIn(results.get('ask_go'))['go'];
      if (!results.has('ask_why')) return ask('ask_why', { schema: whySchema, ttl: 60 });
      if (!results.has('deploy_staging')) return deploy('deploy_staging', 'staging');
      if (!results.has('ask_go')) return ask('ask_go', { schema: goSchema, ttl: 30, roles: ['admin'] });
      if (go === true && !results.has('deploy_prod')) return deploy('deploy_prod', 'prod');
      if (go === true && !results.has('check'))
        return { name: 'check', action: 'demo.status', parameters: { service: app } };
      const where = go === true ? 'production' : 'staging only';
      return succeeded({ output: { app, version, where, reason: why['reason'], risk: why['risk'] } }, base);
    },
  };
}

function ask(name: string, parameters: JsonObject) {
  return { name, action: 'core.ask', parameters: { route: 'chatops', ...parameters } };
}
