import type { SlackEmulator } from './emulator.ts';
import type { AppOptions } from './world-apps.ts';

/** The workspace of most tests: Acme, with the app installed, and alice in #general with its bot. */
export function acme(slack: SlackEmulator, options: AppOptions, more: { readonly enterprise?: string } = {}) {
  const team = slack.workspace({ id: 'T024', name: 'Acme', ...more });
  const app = slack.app(options);
  const installation = slack.install(app, team);
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const general = slack.channel(team, {
    id: 'C0GENERAL',
    name: 'general',
    members: [alice, installation.bot],
  });
  return { team, app, installation, alice, general };
}
