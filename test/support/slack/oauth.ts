import { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { OAuthCodes } from './oauth-codes.ts';
import type { SlackWorld } from './world.ts';
import type { Enterprise, SlackApp, SlackUser, Workspace } from './world-types.ts';

/** The parameters of both consent pages (https://docs.slack.dev/authentication/installing-with-oauth). */
const asked = z.object({
  client_id: z.string().default(''),
  scope: z.string().default(''),
  user_scope: z.string().default(''),
  redirect_uri: z.string().optional(),
  state: z.string().optional(),
  team: z.string().optional(),
  nonce: z.string().optional(),
  response_type: z.string().optional(),
  code_challenge: z.string().optional(),
  code_challenge_method: z.string().optional(),
});

type Asked = z.infer<typeof asked>;

/** What a person decides on the page: who they are, for which workspace or org, and whether they allow it. */
const decided = z.object({
  user: z.string(),
  workspace: z.string(),
  decision: z.enum(['allow', 'deny']),
  org: z.enum(['yes', 'no']).default('no'),
});

/** An app, the redirect address and the scopes that a consent page is about; a string is what the page complains of. */
interface Request {
  readonly app: SlackApp;
  readonly redirect: string;
  readonly scopes: readonly string[];
  readonly userScopes: readonly string[];
}

const OPENID_SCOPES = ['openid', 'profile', 'email'];

/**
 * The pages `/oauth/v2/authorize` and `/openid/connect/authorize`: a form on which one says who one is and allows or
 * cancels; then back to the app with `code` and `state`, or with `error=access_denied`.
 */
export function consentPages(world: SlackWorld, codes: OAuthCodes): Hono {
  const pages = new Hono();
  for (const [path, flow] of [
    ['/oauth/v2/authorize', 'install'],
    ['/openid/connect/authorize', 'openid'],
  ] as const) {
    pages.get(path, (c) => {
      const query = asked.parse(c.req.query());
      const request = readRequest(world, query, flow);
      if (typeof request === 'string')
        return c.html(html`<h1>Something went wrong</h1><p>${request}</p>`, 400);
      return c.html(page(world, request, c.req.url));
    });
    pages.post(path, async (c) => {
      const query = asked.parse(c.req.query());
      const request = readRequest(world, query, flow);
      if (typeof request === 'string')
        return c.html(html`<h1>Something went wrong</h1><p>${request}</p>`, 400);
      const form = decided.parse(await c.req.parseBody());
      if (form.decision === 'deny') return c.redirect(back(request, query, { error: 'access_denied' }), 302);
      const chosen = choose(world, request.app, form);
      if (typeof chosen === 'string') return c.html(html`<h1>Something went wrong</h1><p>${chosen}</p>`, 400);
      const code = codes.issue({
        flow,
        app: request.app,
        ...chosen,
        scopes: request.scopes,
        userScopes: request.userScopes,
        redirectUri: query.redirect_uri,
        nonce: query.nonce,
        codeChallenge: query.code_challenge,
      });
      return c.redirect(back(request, query, { code }), 302);
    });
  }
  return pages;
}

function readRequest(world: SlackWorld, query: Asked, flow: 'install' | 'openid'): Request | string {
  const app = [...world.apps.apps.values()].find((one) => one.clientId === query.client_id);
  if (app === undefined) return 'invalid_client_id';
  const redirect = query.redirect_uri ?? app.redirectUrls[0];
  // Slack takes a configured URL and what lies below it.
  if (redirect === undefined || !app.redirectUrls.some((one) => isBelow(redirect, one)))
    return 'bad_redirect_uri';
  // PKCE is a setting of an app (https://docs.slack.dev/authentication/using-pkce).
  if (query.code_challenge !== undefined && !app.pkce) return 'pkce_not_enabled';
  if (query.code_challenge !== undefined && query.code_challenge_method !== 'S256')
    return 'invalid_code_challenge_method';
  const scopes = words(query.scope);
  const userScopes = words(query.user_scope);
  if (flow === 'openid') {
    if (query.response_type !== 'code') return 'unsupported_response_type';
    const known = OPENID_SCOPES.filter((one) => app.userScopes.includes(one));
    if (!scopes.includes('openid') || scopes.some((one) => !known.includes(one))) return 'invalid_scope';
    return { app, redirect, scopes: [], userScopes: scopes };
  }
  const granted = scopes.filter((one) => app.botScopes.includes(one));
  const userGranted = userScopes.filter((one) => app.userScopes.includes(one));
  if (granted.length + userGranted.length === 0) return 'invalid_scope';
  return { app, redirect, scopes: granted, userScopes: userGranted };
}

function choose(
  world: SlackWorld,
  app: SlackApp,
  form: z.infer<typeof decided>,
): { user: SlackUser; team: Workspace; where: Workspace | Enterprise } | string {
  const team = world.people.workspaces.get(form.workspace);
  const user = world.people.users.find((one) => one.id === form.user && one.teams.has(form.workspace));
  if (team === undefined || user === undefined || user.deleted || user.isBot) return 'user_not_found';
  if (form.org === 'no') return { user, team, where: team };
  if (!app.orgDeploy || team.enterprise === undefined) return 'org_login_required';
  return { user, team, where: team.enterprise };
}

function back(request: Request, query: Asked, answer: Readonly<Record<string, string>>): string {
  const url = new URL(request.redirect);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  if (query.state !== undefined) url.searchParams.set('state', query.state);
  return url.href;
}

function isBelow(url: string, configured: string): boolean {
  return (
    url === configured ||
    url.startsWith(`${configured.replace(/\/$/, '')}/`) ||
    url.startsWith(`${configured}?`)
  );
}

function words(list: string): string[] {
  return list.split(/[\s,]+/).filter((one) => one !== '');
}

function page(world: SlackWorld, request: Request, action: string) {
  const people = world.people.users.filter((one) => !one.isBot && !one.deleted);
  const { pathname, search } = new URL(action);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${request.app.name} is requesting permission</title></head>
<body><h1>${request.app.name} is requesting permission to access Slack</h1>
<ul>${[...request.scopes, ...request.userScopes].map((scope) => html`<li>${scope}</li>`)}</ul>
<form method="post" action="${pathname}${search}">
<label>You are <select name="user">${people.map((one) => html`<option value="${one.id}">${one.name}</option>`)}</select></label>
<label>in <select name="workspace">${[...world.people.workspaces.values()].map((one) => html`<option value="${one.id}">${one.name}</option>`)}</select></label>
<label>for the whole organization <input type="checkbox" name="org" value="yes"></label>
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Cancel</button>
</form></body></html>`;
}

/** What a person decides on a consent page. */
export interface Decision {
  /** Presses Cancel. */
  readonly deny?: boolean;
  /** Installs for the whole org instead of the one workspace. */
  readonly org?: boolean;
  /** In which workspace. Default: the person's own. */
  readonly workspace?: Workspace;
}

/**
 * Opens a consent page as a person, decides, and answers where Slack sends the browser: the app's redirect URL with
 * `code` or `error`, which is not followed.
 * @throws Error with what the page complains of
 */
export async function decide(address: string, user: SlackUser, decision: Decision): Promise<URL> {
  const opened = await fetch(address);
  if (!opened.ok) throw new Error(`Slack's page says: ${complaint(await opened.text())}`);
  await opened.text();
  const answer = await fetch(address, {
    method: 'POST',
    body: new URLSearchParams({
      user: user.id,
      workspace: (decision.workspace ?? user.team).id,
      decision: decision.deny === true ? 'deny' : 'allow',
      org: decision.org === true ? 'yes' : 'no',
    }),
    redirect: 'manual',
  });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`Slack's page says: ${complaint(await answer.text())}`);
  return new URL(location);
}

function complaint(page: string): string {
  return /<p>([^<]*)<\/p>/.exec(page)?.[1] ?? page;
}
