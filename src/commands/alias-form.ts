import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ActionParameters } from '../aliases/action-parameters.ts';
import type { Catalog } from '../aliases/catalog.ts';
import { sayCommand } from '../aliases/spoken.ts';
import type { Auth } from '../auth/auth.ts';
import { type Asker, type ChatMessage, chatUserKey, type FormAnswer, type Post } from '../chat/chat.ts';
import type { Delivery } from '../chat/delivery.ts';
import { type Form, formLimits, whyNoForm } from '../chat/form.ts';
import type { Claims } from '../executions/claims.ts';
import { newCorrelationId } from '../executions/correlation.ts';
import { fieldsOf } from '../executions/inquiries/form-fields.ts';
import type { Audit } from '../ops/audit.ts';
import type { Credential } from '../stackstorm/credential.ts';
import type { ActionAlias } from '../stackstorm/wire.ts';
import type { Access } from './access.ts';
import { aliasFormAction, aliasRunAction } from './alias-form-button.ts';
import { faultsAt, tooLong, whyUnsayable } from './alias-form-faults.ts';
import {
  type AliasQuestion,
  type AliasQuestions,
  aliasQuestions,
  digestOf,
  enteredValues,
} from './alias-form-questions.ts';
import {
  aliasFormWords,
  builtAnswer,
  builtPost,
  formText,
  secretWords,
  typedCommand,
  typeItPost,
} from './alias-form-words.ts';
import type { RequestEnd } from './alias-request.ts';
import { answerPlace, answersTo } from './command.ts';
import { refusedByRules } from './gate.ts';
import type { Hints } from './hints.ts';
import type { ButtonHandler, FormHandler } from './interactions.ts';
import { typedNames } from './names.ts';
import { type CommandSyntax, parseCommand } from './parse.ts';
import type { RunAlias } from './run-alias.ts';
import { refusalWords } from './words.ts';

export interface AliasFormDeps {
  readonly catalog: Catalog;
  readonly parameters: Pick<ActionParameters, 'of'>;
  readonly access: Access;
  readonly auth: Auth;
  readonly runAlias: Pick<RunAlias, 'run'>;
  readonly hints: Hints;
  readonly claims: Claims;
  readonly delivery: Delivery;
  readonly audit: Audit;
  readonly syntax: CommandSyntax;
  /** Of a command, in characters. */
  readonly maxLength: number;
  /** Names aliases to people without a session too. */
  readonly publicHelp: boolean;
  readonly webUrl: string | undefined;
}

/** What comes back with the form: whose it is, once, and what the alias was when the form was made of it. */
const context = z.object({ ref: z.string(), once: z.uuid(), of: z.string() });

/** The button *Run…*: the alias's parameters as a dialog, or in words where there can be none. */
export function aliasFormButton(deps: AliasFormDeps): ButtonHandler {
  return {
    action: aliasFormAction,
    async press(action, { whisper }) {
      const { catalog, syntax } = deps;
      const asking = await mayRun(deps, action, action.value);
      if (asking.kind === 'told') {
        await whisper(asking.post);
        return undefined;
      }
      const { alias, credential } = asking;
      const known = await deps.parameters.of(alias.action_ref, credential);
      if (known === undefined) {
        await whisper(typeItPost(aliasFormWords.unknown, alias, syntax));
        return undefined;
      }
      const asked = aliasQuestions(alias, catalog.index.formatsOf(alias.ref), known);
      if ('kind' in asked) {
        await whisper(
          asked.kind === 'secret'
            ? { text: secretWords(asked.names, deps.webUrl) }
            : typeItPost(aliasFormWords.noPattern, alias, syntax),
        );
        return undefined;
      }
      const value = { ref: alias.ref, once: randomUUID(), of: digestOf(alias, asked) };
      if (asked.questions.length === 0) {
        await whisper(await askToRun(deps, alias, JSON.stringify(value)));
        return undefined;
      }
      const form = formOf(alias, asked, JSON.stringify(value));
      if (whyNoForm(form) === undefined) return form;
      await whisper(typeItPost(aliasFormWords.tooMuch, alias, syntax));
      return undefined;
    },
  };
}

/** Of an alias that takes nothing: one more press runs it. */
export function aliasRunButton(deps: AliasFormDeps): ButtonHandler {
  return {
    action: aliasRunAction,
    async press(action, { whisper }) {
      const asked = contextOf(action.value);
      const asking = asked && (await mayRun(deps, action, asked.ref, 'any login'));
      if (asked === undefined || asking === undefined) await whisper({ text: aliasFormWords.notMine });
      else if (asking.kind === 'told') await whisper(asking.post);
      else {
        const said = await sayCommand(deps.catalog.index, asked.ref, new Map(), (text) =>
          isTyped(deps, text),
        );
        if (said.kind === 'unsayable') await whisper({ text: aliasFormWords.unsayableAll });
        else if ((await run(deps, action, asked.once, said.text)) === 'not-claimed') {
          await whisper(builtPost(typedCommand(deps.syntax, said.text), 'not-claimed', action.place));
        }
      }
      return undefined;
    },
  };
}

/** The dialog with the values: they become a command, which goes the whole way of one that was typed. */
export function aliasForm(deps: AliasFormDeps): FormHandler {
  return {
    form: aliasFormAction,
    async submit(submission) {
      const { catalog, maxLength, syntax } = deps;
      const opened = contextOf(submission.value);
      if (opened === undefined) return refused(aliasFormWords.notMine);
      const asking = await mayRun(deps, submission, opened.ref, 'any login');
      if (asking.kind === 'told') return { kind: 'show', title: 'Not run', post: asking.post };
      const { alias, credential } = asking;
      const known = await deps.parameters.of(alias.action_ref, credential);
      if (known === undefined) return { kind: 'refused', text: aliasFormWords.late };
      const formats = catalog.index.formatsOf(alias.ref);
      const asked = aliasQuestions(alias, formats, known);
      if ('kind' in asked || digestOf(alias, asked) !== opened.of) return refused(aliasFormWords.changed);
      const { questions } = asked;
      const entered = enteredValues(questions, submission.fields);
      if (entered.kind === 'faults') return { kind: 'invalid', faults: entered.faults };
      const { values } = entered;
      const long = tooLong(values, maxLength);
      if (long !== undefined) return faultsAt(questions, [long], aliasFormWords.tooLong(maxLength));
      const said = await sayCommand(catalog.index, alias.ref, values, (text) => isTyped(deps, text));
      if (said.kind === 'unsayable') return whyUnsayable(formats, questions, values, said.names);
      const end = await run(deps, submission, opened.once, said.text);
      return builtAnswer(typedCommand(syntax, said.text), end, submission.place);
    },
  };
}

type Asking =
  | {
      readonly kind: 'alias';
      readonly alias: ActionAlias;
      /** Absent for whoever has none now. */
      readonly credential: Credential | undefined;
    }
  | { readonly kind: 'told'; readonly post: Post };

const told = (post: Post): Asking => ({ kind: 'told', post });

/** The alias, for somebody who may run it and so be told of it; else why not. */
async function mayRun(
  deps: AliasFormDeps,
  asker: Asker,
  ref: string,
  who: 'logged in' | 'any login' = 'logged in',
): Promise<Asking> {
  const { access, audit, auth, catalog, hints, publicHelp, syntax } = deps;
  const view = await access.viewFor(asker);
  const decision = view.alias(ref);
  if (!decision.allowed)
    return told({ text: await refusedByRules(audit, asker, decision, { aliasRef: ref }) });
  const grant = await auth.credentialFor(asker.user);
  // Whoever has the form was logged in; where they are no more, the command is kept for them.
  if (grant.kind === 'refused' && who === 'logged in' && !publicHelp) {
    await audit.record({
      event: 'command.refused',
      outcome: grant.reason,
      chatUser: chatUserKey(asker.user),
      channel: asker.place.channel,
      aliasRef: ref,
    });
    return told(refusalWords(grant.reason, syntax));
  }
  const alias = catalog.index.get(ref);
  if (alias?.enabled !== true) return told({ text: aliasFormWords.gone });
  const shadows = catalog.index.shadowedBy(alias);
  if (shadows.length > 0) return told(hints.shadowed(view, alias, shadows));
  return { kind: 'alias', alias, credential: grant.kind === 'granted' ? grant.credential : undefined };
}

function formOf(alias: ActionAlias, asked: AliasQuestions, value: string): Form {
  const text = formText(alias, asked);
  return {
    id: aliasFormAction,
    value,
    title: alias.name.replaceAll('_', ' '),
    ...(text === '' ? {} : { text }),
    submit: 'Run',
    fields: fieldsOf(asked.questions.map(withFittingInitial)),
  };
}

/** A default that no field can hold is left to StackStorm. */
function withFittingInitial(question: AliasQuestion): AliasQuestion {
  const { initial, ...others } = question;
  const isLong = initial !== undefined && JSON.stringify(initial).length > formLimits.text;
  return isLong ? others : question;
}

async function askToRun(deps: AliasFormDeps, alias: ActionAlias, value: string): Promise<Post> {
  const said = await sayCommand(deps.catalog.index, alias.ref, new Map(), (text) => isTyped(deps, text));
  if (said.kind === 'unsayable') return typeItPost(aliasFormWords.noPattern, alias, deps.syntax);
  const command = typedCommand(deps.syntax, said.text);
  const text = 'This command takes nothing. Type it, or run it with the button:';
  return {
    text: `${text}\n${command}`,
    parts: [
      { type: 'text', text },
      { type: 'code', text: command },
      { type: 'buttons', buttons: [{ label: 'Run it', action: aliasRunAction, value, style: 'primary' }] },
    ],
  };
}

/** As if it had just been typed where the button stands; `once` is its event (R2). */
async function run(deps: AliasFormDeps, asker: Asker, once: string, text: string): Promise<RequestEnd> {
  const { user, userKind, place, channelKind } = asker;
  const eventId = `alias-form:${once}`;
  const message: ChatMessage = {
    eventId,
    user,
    place,
    text: typedCommand(deps.syntax, text),
    addressed: 'bot',
    isPrivate: place.kind === 'direct',
    ...(userKind === undefined ? {} : { userKind }),
    ...(channelKind === undefined ? {} : { channelKind }),
  };
  const correlationId = newCorrelationId();
  return await deps.runAlias.run({
    message,
    text,
    correlationId,
    claim: deps.claims.claim(eventId, correlationId),
    answers: answersTo(deps.delivery, user, answerPlace(message), correlationId),
  });
}

/** Whether a person could type it, and would be understood. */
function isTyped({ syntax, maxLength }: AliasFormDeps, text: string): boolean {
  const typed = typedCommand(syntax, text);
  const parsed = parseCommand(typed, 'bot', syntax, typedNames);
  return typed.length <= maxLength && parsed.kind === 'alias' && parsed.text === text;
}

function contextOf(value: string): z.infer<typeof context> | undefined {
  try {
    return context.safeParse(JSON.parse(value)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function refused(text: string): FormAnswer {
  return { kind: 'show', title: 'Not run', post: { text } };
}
