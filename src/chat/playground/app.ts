import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { secureHeaders } from 'hono/secure-headers';
import { z } from 'zod';
import type { Logger } from '../../ops/logger.ts';
import { StoreError } from '../../storage/store.ts';
import type { FormAnswer } from '../chat.ts';
import { formLimits } from '../form.ts';
import { type Asset, readAssets } from './assets.ts';
import type { StoredMessage } from './change.ts';
import { guard } from './guard.ts';
import { channelNameFor, channelNames, type PersonName, personNames } from './places.ts';
import type { Playground } from './playground.ts';
import { PlaygroundError } from './playground-error.ts';
import { problem } from './problem.ts';
import { wholeText } from './words.ts';

export interface PlaygroundAppOptions {
  readonly playground: Playground;
  /** The port of the listener, asked at each request. */
  readonly port: () => number;
  readonly logger: Logger;
}

const user = z.enum(personNames);
const channel = z.enum(channelNames);
const messageId = z.string().regex(/^\d{10,11}\.\d{6}$/);
const eventId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

const typedSchema = z.strictObject({
  user,
  channel,
  text: z.string().min(1).max(16_000),
  threadTs: messageId.exactOptional(),
  id: eventId.exactOptional(),
});
const pressedSchema = z.strictObject({
  user,
  /** Absent: a button of the bot's page. */
  messageId: messageId.exactOptional(),
  action: z.string().max(255),
  value: z.string().max(2_000),
});
const submittedSchema = z.strictObject({
  user,
  form: z.uuid(),
  fields: z.record(
    z.string().max(formLimits.name),
    z.union([
      z.string().max(formLimits.text),
      z.boolean(),
      z.array(z.string().max(formLimits.optionValue)).max(formLimits.options),
    ]),
  ),
});
const homeSchema = z.strictObject({ user, search: z.string().max(200).exactOptional() });
const word = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const signedInSchema = z.strictObject({
  /** Absent: they cancel. */
  user: user.exactOptional(),
  state: word,
  nonce: word,
  /** The login page of a demo on this machine, so that no code goes elsewhere. */
  redirectUri: z
    .string()
    .regex(/^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?\/login\/oidc\/callback$/),
  codeChallenge: word,
});
/** `cursor` of an answer: whatever is new or edited since. */
const cursor = z
  .string()
  .regex(/^c\d{1,15}$/)
  .transform((text) => ({ cursor: Number(text.slice(1)) }));
/** How scripts ask for everything. */
const beginning = z.enum(['', '0']).transform(() => '');
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const readingSchema = z.strictObject({
  user,
  channel: channel.exactOptional(),
  after: z.union([messageId, cursor, beginning]).exactOptional(),
  waitMs: wholeNumber.default(0).transform((ms) => Math.min(ms, 30_000)),
});

const bodyBytes = 64 * 1024;

/** The playground's page and its API, under `/playground/` (design.md section 3, "The demo"). */
export function createPlaygroundApp(options: PlaygroundAppOptions): Hono {
  const { playground, port, logger } = options;
  const assets = readAssets(new URL('../../../static/playground/', import.meta.url));
  const app = new Hono();

  app.use(
    '/playground/*',
    secureHeaders({
      strictTransportSecurity: false,
      referrerPolicy: 'no-referrer',
      xFrameOptions: 'DENY',
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        imgSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    }),
  );
  app.use('/playground/*', async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });
  app.use('/playground/*', guard(port));

  app.get('/playground', (context) => context.redirect('/playground/', 308));
  app.get('/playground/', () => asset(assets.get('index.html')));
  app.get('/playground/sign-in', () => asset(assets.get('sign-in.html')));
  app.get('/playground/assets/:name', (context) => asset(assets.get(context.req.param('name'))));
  app.get('/playground/api/messages', async (context) => {
    const reading = readingSchema.safeParse(context.req.query());
    if (!reading.success) return problem('invalid-input', faults(reading.error));
    const { signal } = context.req.raw;
    const { messages, cursor } = await playground.read({ ...reading.data, signal });
    const { user } = reading.data;
    return context.json({ messages: messages.map((message) => shown(message, user)), cursor: `c${cursor}` });
  });
  app.get('/playground/api/home', async (context) => {
    const asked = homeSchema.safeParse(context.req.query());
    if (!asked.success) return problem('invalid-input', faults(asked.error));
    const { parts } = await playground.dialogs.home(asked.data.user, asked.data.search);
    return context.json({ blocks: parts });
  });

  app.use('/playground/api/*', bodyLimit({ maxSize: bodyBytes, onError: () => problem('body-too-large') }));
  app.post('/playground/api/messages', (context) =>
    withBody(context, typedSchema, 202, async (typed) => ({ id: (await playground.type(typed)).id })),
  );
  app.post('/playground/api/actions', (context) =>
    withBody(context, pressedSchema, 202, (pressed) => playground.dialogs.press(pressed)),
  );
  app.post('/playground/api/forms', (context) =>
    withBody(context, submittedSchema, 200, async (submitted) =>
      shownAnswer(await playground.dialogs.submit(submitted)),
    ),
  );

  app.post('/playground/api/sign-in', (context) =>
    withBody(context, signedInSchema, 200, async ({ user: person, state, ...asked }) => {
      const url = new URL(asked.redirectUri);
      if (person === undefined) url.searchParams.set('error', 'access_denied');
      else url.searchParams.set('code', playground.signIn.allow({ person, ...asked }));
      url.searchParams.set('state', state);
      return { url: url.href };
    }),
  );

  app.all('/playground/*', () => problem('not-found'));
  app.onError((error) => {
    if (error instanceof PlaygroundError) return problem(error.code);
    logger.error({ err: error }, 'the playground failed');
    return problem(error instanceof StoreError ? 'storage-unavailable' : 'internal');
  });
  return app;
}

async function withBody<T>(
  context: Context,
  schema: z.ZodType<T>,
  status: 200 | 202,
  act: (input: T) => Promise<object>,
): Promise<Response> {
  const text = await context.req.text();
  const body = parseJson(text);
  if (body === undefined) return problem('malformed-body');
  const input = schema.safeParse(body.value);
  if (!input.success) return problem('invalid-input', faults(input.error));
  return context.json(await act(input.data), status);
}

/** What is wrong, without a word of what was sent: a field that nobody knows may have a password for its name. */
function faults(error: z.ZodError): string {
  const said = error.issues.map(({ code, path, message }) =>
    code === 'unrecognized_keys' ? 'a field that is not known' : `${path.join('.')}: ${message}`,
  );
  return said.join('; ');
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function asset(found: Asset | undefined): Response {
  if (found === undefined) return problem('not-found');
  return new Response(found.body, { headers: { 'content-type': found.contentType } });
}

/** A message as the page gets it; a button's URL stands in `blocks` alone. */
function shown(message: StoredMessage, reader: PersonName) {
  const { id, thread, from, content, onlyFor, edited, reactions } = message;
  const extra = content.extra === undefined ? [] : [{ type: 'extra' as const, extra: content.extra }];
  return {
    id,
    ts: id,
    threadTs: thread ?? null,
    from,
    channel: channelNameFor(reader, message.channel),
    text: wholeText(content),
    blocks: [...(content.parts ?? []), ...extra],
    private: onlyFor !== undefined,
    edited,
    reactions,
  };
}

/** What becomes of a dialog, as the page gets it. */
function shownAnswer(answer: FormAnswer) {
  if (answer.kind !== 'show') return answer;
  const { post, ...rest } = answer;
  return { ...rest, text: wholeText(post), blocks: post.parts ?? [] };
}
