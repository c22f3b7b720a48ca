import type { Catalog } from '../aliases/catalog.ts';
import { type HelpRow, listHelp } from '../aliases/help.ts';
import type { Auth, Grant } from '../auth/auth.ts';
import { chatUserKey, type Home, type HomeRequest, type Part } from '../chat/chat.ts';
import type { Audit } from '../ops/audit.ts';
import type { Logger } from '../ops/logger.ts';
import { StackStormError } from '../stackstorm/errors.ts';
import type { Access, AccessView } from './access.ts';
import { packParts, rowsWith } from './alias-rows.ts';
import { refusedByRules } from './gate.ts';
import type { CommandSyntax } from './parse.ts';
import { sessionActions } from './session-actions.ts';
import { codeButton, failureWords, noLoginWords, notMappedWords, spanWords, timeWords } from './words.ts';

/** Aliases that are shown at most, and the characters of each: a page has room for a hundred blocks. */
const shownRows = 20;
const shownLength = 120;

export interface HomeDeps {
  readonly auth: Auth;
  readonly catalog: Catalog;
  readonly access: Access;
  readonly syntax: CommandSyntax;
  readonly slashCommands: ReadonlyMap<string, string>;
  /** Names aliases to people without a session too. */
  readonly publicHelp: boolean;
  readonly audit: Audit;
  readonly logger: Logger;
  readonly now: () => number;
}

/** The bot's own page: who I am in StackStorm and until when, how to log in or out, and what I may run. */
export class HomePage {
  readonly #deps: HomeDeps;

  constructor(deps: HomeDeps) {
    this.#deps = deps;
  }

  /** Never rejects: what fails is said on the page. */
  async show(request: HomeRequest): Promise<Home> {
    try {
      const view = await this.#deps.access.viewFor(request);
      if (view.isServed) return { parts: await this.#parts(request, view) };
      return { parts: [{ type: 'text', text: await refusedByRules(this.#deps.audit, request, view) }] };
    } catch (error) {
      this.#deps.logger.error(
        { err: error, chatUser: chatUserKey(request.user) },
        'the bot’s own page could not be made',
      );
      return { parts: [{ type: 'text', text: failureWords(error) }] };
    }
  }

  async #parts(request: HomeRequest, view: AccessView): Promise<Home['parts']> {
    const grant = await this.#grant(request);
    const mayKnow =
      this.#deps.publicHelp || this.#deps.auth.mode === 'standalone' || grant?.kind === 'granted';
    return [
      { type: 'heading', text: 'You and StackStorm' },
      ...this.#who(request, grant),
      ...(mayKnow ? this.#aliases(request, view) : []),
      { type: 'context', text: this.#footer(request) },
    ];
  }

  /** Undefined where StackStorm, which standalone asks, does not say who the bot is. */
  async #grant({ user }: HomeRequest): Promise<Grant | undefined> {
    try {
      return await this.#deps.auth.credentialFor(user);
    } catch (error) {
      if (!(error instanceof StackStormError)) throw error;
      this.#deps.logger.warn({ err: error }, 'StackStorm did not say who somebody is');
      return undefined;
    }
  }

  #who({ user }: HomeRequest, grant: Grant | undefined): Part[] {
    const chat = { label: 'Here', value: chatUserKey(user) };
    const { mode } = this.#deps.auth;
    if (grant === undefined) {
      return [
        { type: 'fields', fields: [chat] },
        { type: 'text', text: 'StackStorm does not answer at the moment.' },
      ];
    }
    if (grant.kind === 'refused' && grant.reason === 'not-mapped') {
      return [
        { type: 'fields', fields: [chat] },
        { type: 'text', text: notMappedWords },
      ];
    }
    if (grant.kind === 'refused' && grant.reason === 'code-awaited') {
      return [
        {
          type: 'fields',
          fields: [chat, { label: 'In StackStorm', value: 'your login waits for its code' }],
        },
        codeButton,
      ];
    }
    if (grant.kind === 'refused') {
      const value = grant.reason === 'session-expired' ? 'your session has ended' : 'not logged in';
      return [
        { type: 'fields', fields: [chat, { label: 'In StackStorm', value }] },
        { type: 'text', text: 'Log in once, and what you run from chat runs as you.' },
        button('Log in', sessionActions.start, 'primary'),
      ];
    }
    if (mode === 'standalone') {
      const value = `${grant.stackstormUser} (the bot’s own account)`;
      return [
        { type: 'fields', fields: [chat, { label: 'In StackStorm', value }] },
        { type: 'text', text: noLoginWords(mode) },
      ];
    }
    const ends =
      grant.expiresAt === undefined
        ? []
        : [
            {
              label: 'Session ends',
              value: `${timeWords(grant.expiresAt)}, in ${spanWords(grant.expiresAt - this.#deps.now())}`,
            },
          ];
    return [
      { type: 'fields', fields: [chat, { label: 'In StackStorm', value: grant.stackstormUser }, ...ends] },
      ...(mode === 'clientside' ? [button('End session', sessionActions.end, 'danger')] : []),
    ];
  }

  #aliases({ search = '' }: HomeRequest, view: AccessView): Home['parts'] {
    const { catalog, syntax } = this.#deps;
    const heading: Part = { type: 'heading', text: 'What you may run' };
    if (catalog.state.loadedAt === undefined) {
      const text =
        'I have not been able to read the aliases from StackStorm yet. Please try again in a moment.';
      return [heading, { type: 'text', text }];
    }
    const known = catalog.index.aliases.filter((alias) => view.alias(alias.ref).allowed);
    const found = rowsWith(listHelp(known).rows, search);
    const shown = found.slice(0, shownRows);
    return [
      heading,
      {
        type: 'search',
        label: 'Search for words',
        ...(search === '' ? {} : { initial: search }),
      },
      ...(shown.length === 0
        ? [{ type: 'text', text: search === '' ? 'There is nothing yet.' : 'Nothing fits that.' } as const]
        : packParts(shown.map(cutRow), syntax)),
      ...(found.length > shown.length
        ? [{ type: 'context', text: `${shown.length} of ${found.length}. Search to see others.` } as const]
        : []),
    ];
  }

  #footer({ user }: HomeRequest): string {
    const { prefix, pluginPrefix } = this.#deps.syntax;
    const slash = this.#deps.slashCommands.get(user.platform);
    const anywhere = slash === undefined ? '' : `, or type ${slash} <command> anywhere`;
    const or = slash === undefined ? ' or' : ',';
    const alias = pluginPrefix === '' ? `${prefix}<command>` : `${prefix}${pluginPrefix} <command>`;
    return `Run a command in a channel that I am in with ${alias}${or} send it to me in a direct message${anywhere}. ${prefix}help says what else I can do.`;
  }
}

function button(label: string, action: string, style: 'primary' | 'danger'): Part {
  // The value says nothing; platforms want one.
  return { type: 'buttons', buttons: [{ label, action, value: action, style }] };
}

function cutRow(row: HelpRow): HelpRow {
  return { ...row, display: cut(row.display), description: cut(row.description) };
}

function cut(text: string): string {
  const line = text.replace(/\s+/gu, ' ');
  const letters = [...line];
  return letters.length <= shownLength ? line : `${letters.slice(0, shownLength - 1).join('')}…`;
}
