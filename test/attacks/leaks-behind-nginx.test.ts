import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventsFor, type SlackFeatures, scopesFor } from '../../src/chat/slack/scopes.ts';
import { createEmbeddedStackStorm } from '../../src/demo/stackstorm/stackstorm.ts';
import { generateKey } from '../../src/storage/aes-gcm.ts';
import { temporaryFolder } from '../support/folder.ts';
import { freePort } from '../support/free-port.ts';
import { FrontBrowser, processes } from '../support/leak-front.ts';
import { findLeaks, type SearchedPlace, type Treasure } from '../support/leak-search.ts';
import { needsNginx, startNginx } from '../support/nginx.ts';
import { startSlack } from '../support/slack/emulator.ts';
import { linkIn } from '../support/slack-bot.ts';

const typed = {
  password: 'correct-horse-battery-1',
  wrongPassword: 'staple-of-the-horse-2',
  word: 'plum-tree-secret-3',
  wrongWord: 'apple-tree-secret-4',
  inLargeBody: 'large-body-secret-5',
  inQuery: 'query-secret-6',
  inHeader: 'header-secret-7',
  whileAway: 'said-to-nobody-secret-8',
  parameter: 'parameter-secret-9',
} as const;

const features: SlackFeatures = {
  ...{ prefixInChannels: true, mentions: true, home: true, files: true },
  ...{ customize: false, userGroups: false, install: true },
};

async function filesOf(folder: string, when: string): Promise<SearchedPlace[]> {
  const names = (await readdir(folder)).filter((name) => name !== 'config.json');
  return Promise.all(
    names.map(async (name) => ({ name: `${name} ${when}`, bytes: await readFile(join(folder, name)) })),
  );
}

async function wholeRun(t: TestContext) {
  const folder = await temporaryFolder(t);
  const [port, opsPort, publicPort] = [await freePort(), await freePort(), await freePort()];
  const slack = await startSlack(t);
  const stackstorm = createEmbeddedStackStorm();
  const listening = await stackstorm.listen();
  t.after(() => listening.close());
  const { accounts } = stackstorm.state;
  accounts.addUser({ ...accounts.user('alice'), password: typed.password });
  const tokens = t.mock.method(accounts, 'addToken').mock;
  const front = await startNginx(t, { upstream: `127.0.0.1:${port}`, port: publicPort, slack: true });
  const team = slack.workspace({ id: 'T024', name: 'Acme' });
  const secrets = {
    signingSecret: 'signing-secret-of-the-app',
    clientId: '1.2',
    clientSecret: 'client-secret-of-the-app',
  };
  const app = slack.app({
    ...{
      id: 'A1',
      ...secrets,
      botScopes: scopesFor(features),
      botEvents: eventsFor(features),
      commands: ['/st2'],
    },
    ...{ tokenRotation: true, orgDeploy: true, requestUrl: `http://127.0.0.1:${port}/slack/events` },
    redirectUrls: [`${front.origin}/slack/oauth_redirect`],
  });
  const alice = slack.user(team, { id: 'U0ALICE', name: 'alice' });
  const general = slack.channel(team, { id: 'C0GENERAL', name: 'general', members: [alice] });
  const keys = [generateKey()];
  const { clientId, clientSecret, signingSecret } = secrets;
  const config = {
    stackstorm: { url: listening.url, credential: { apiKey: stackstorm.bot.apiKey } },
    auth: { clientside: {}, publicUrl: front.origin, confirm: 'code' },
    chat: {
      slack: {
        mode: 'http',
        signingSecret,
        install: { clientId, clientSecret },
        apiUrl: slack.apiUrl.replace(/\/$/u, ''),
      },
    },
    access: { default: 'allow' },
    server: { port, trustedProxies: ['127.0.0.1'] },
    storage: { url: `sqlite://${join(folder, 'bot.sqlite')}` },
    encryption: { keys },
    ops: { port: opsPort, logLevel: 'trace', audit: { file: join(folder, 'audit.jsonl') } },
  };
  const file = join(folder, 'config.json');
  await writeFile(file, JSON.stringify(config), { mode: 0o600 });
  const bot = await processes(t, slack, file);
  const browser = new FrontBrowser(front, typed);

  const end = await bot.start();
  const begun = await browser.get('/slack/install/start');
  const back = await alice.consent(String(begun.headers.location));
  const installed = await browser.get(`${back.pathname}${back.search}`);
  assert.equal(installed.status, 200, installed.body);
  const again = await browser.get(`${back.pathname}${back.search}`);
  assert.notEqual(again.status, 200, 'a code is good once');
  const installation = slack.world.apps.installations.find((one) => one.app === app);
  assert.ok(installation !== undefined);
  slack.world.channels.join(general, installation.bot);

  const asked = await alice.dm(app, `session_start ${typed.word}`);
  const answer = await alice.sees(alice.dmWith(app), (one) => linkIn(one) !== undefined, { after: asked });
  const link = linkIn(answer)?.split('#')[1] ?? '';
  const opened = await browser.post('open', { link });
  const { login } = JSON.parse(opened.body);
  const password = (secret: string, given: string) => ({
    login,
    secret,
    method: 'password',
    username: 'alice',
    password: given,
  });
  const statuses = [
    opened.status,
    (await browser.post('authenticate', password(typed.wrongWord, typed.password))).status,
    (await browser.post('authenticate', password(typed.word, typed.wrongPassword))).status,
    (await browser.post('authenticate', `{"password":"${typed.inLargeBody}${'x'.repeat(9_000)}`)).status,
    (await browser.get(`/login/${typed.inQuery}`)).status,
    (
      await front.ask('/slack/events', {
        method: 'POST',
        headers: { 'x-slack-signature': typed.inHeader },
        body: typed.whileAway,
      })
    ).status,
  ];
  assert.deepEqual(statuses, [200, 401, 401, 413, 404, 401]);
  const shownCode = await browser.post('authenticate', password(typed.word, typed.password));
  assert.equal(shownCode.status, 202, shownCode.body);
  const code: string = JSON.parse(shownCode.body).confirm.code;
  const wrongCode = await alice.dm(app, 'session_confirm BCDF-GHJK');
  await alice.sees(alice.dmWith(app), () => true, { after: wrongCode });
  const rightCode = await alice.dm(app, `session_confirm ${code}`);
  await alice.sees(alice.dmWith(app), /logged in/iu, { after: rightCode });
  const command = await alice.say(general, `!st2 rotate db1 ${typed.parameter}`);
  await alice.sees(general, () => true, { after: command });
  await end('SIGKILL');
  const killed = await filesOf(folder, 'after kill -9');

  // Nobody is there: what nginx makes of it goes into its error log, if into anything.
  const away = [
    await browser.post('authenticate', password(typed.word, typed.whileAway)),
    await browser.get(`/slack/oauth_redirect?code=${typed.whileAway}&state=${typed.whileAway}`),
  ];
  assert.deepEqual(
    away.map(({ status }) => status),
    [500, 500],
  );

  const endAgain = await bot.start();
  const later = await alice.say(general, `!st2 rotate db2 ${typed.parameter}`);
  await alice.sees(general, /succeeded/u, { after: later });
  const operations = await Promise.all(
    ['metrics', 'readyz'].map(async (path) => (await fetch(`http://127.0.0.1:${opsPort}/${path}`)).text()),
  );
  await endAgain('SIGTERM');

  // nginx writes a request's line after its answer has gone, and before it turns to the next.
  await front.ask('/login/');
  const shown = slack.calls
    .filter(({ method }) => /^(?:chat|views|files)\./.test(method))
    .map(({ method, args }) => ({ method, args }));
  const places: SearchedPlace[] = [
    { name: 'nginx', bytes: Buffer.from(await front.logs()) },
    { name: 'output', bytes: Buffer.from(bot.output()) },
    { name: 'pages', bytes: Buffer.from(browser.answers.join('\n')) },
    { name: 'operations', bytes: Buffer.from(operations.join('\n')) },
    {
      name: 'Slack',
      bytes: Buffer.from(JSON.stringify(shown).replaceAll(/"url":"https?:[^"]*\/login\/#[^"]+"/gu, '')),
    },
    ...killed,
    ...(await filesOf(folder, 'after the end')),
  ];
  const query = back.searchParams;
  const treasures: Treasure[] = [
    ...Object.entries(typed).map(([name, value]) => ({ name, value })),
    ...Object.entries({ clientSecret, signingSecret, apiKey: stackstorm.bot.apiKey }).map(
      ([name, value]) => ({ name, value }),
    ),
    { name: 'bot token', value: installation.botToken },
    { name: 'refresh token', value: installation.refreshToken ?? '' },
    { name: 'OAuth code', value: query.get('code') ?? '' },
    { name: 'OAuth state', value: query.get('state') ?? '' },
    { name: 'link key', value: link.split('.')[1] ?? '' },
    { name: 'confirmation code', value: code, mayStandIn: ['pages'] },
    ...keys.map((value) => ({ name: 'encryption key', value })),
    ...browser.secrets.map((value, at) => ({ name: `cookie ${at}`, value })),
    ...tokens.calls.map(({ result }, at) => ({ name: `token ${at}`, value: result?.token ?? '' })),
  ];
  return { places, treasures };
}

test(
  'S1: OAuth, a login, kill -9 and a bot that is away, all behind the real nginx: nothing is in its logs or anywhere',
  needsNginx,
  async (t) => {
    const { places, treasures } = await wholeRun(t);
    assert.deepEqual(findLeaks(places, treasures), []);
    const bytes = places.reduce((sum, place) => sum + place.bytes.length, 0);
    t.diagnostic(`searched ${bytes} bytes in ${places.length} places for ${treasures.length} values`);

    // Each place was heard, and one record is one line of JSON.
    const heard = new Map(places.map(({ name, bytes: said }) => [name, said.toString('utf8')]));
    const nginx = heard.get('nginx') ?? '';
    assert.match(nginx, /"path":"\/slack\/oauth_redirect","status":200/);
    assert.match(nginx, /"path":"\/login\/api\/authenticate","status":413/);
    assert.match(nginx, /"path":"\/login\/api\/authenticate","status":500,.*"upstream":"502"/);
    assert.match(
      heard.get('audit.jsonl after the end') ?? '',
      /slack\.installed.*session\.started.*execution\.accepted/su,
    );
    assert.match(
      heard.get('pages') ?? '',
      /The bot is installed.*wrong-secret.*wrong-credentials.*body-too-large.*internal-error/su,
    );
    assert.ok(heard.has('bot.sqlite-wal after kill -9'), 'what a killed bot leaves behind is searched');
    assert.ok(treasures.length > 20 && treasures.every(({ value }) => value.length >= 8));
    for (const one of nginx.split('\n').filter((line) => line !== '')) JSON.parse(one);

    // Each value would be found in each place, but where it belongs.
    for (const { name, bytes: said } of places) {
      for (const treasure of treasures) {
        const planted = Buffer.concat([
          said.subarray(0, 1_000),
          Buffer.from(`{"x":"${String(treasure.value)}"}`),
        ]);
        const isFound = findLeaks([{ name, bytes: planted }], [treasure]).length > 0;
        assert.equal(isFound, treasure.mayStandIn?.includes(name) !== true, `${treasure.name} in ${name}`);
      }
    }
  },
);
