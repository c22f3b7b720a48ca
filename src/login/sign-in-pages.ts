import { html } from 'hono/html';
import { cardPage } from '../ops/card-page.ts';
import { type ProblemCode, problemKinds } from './problems.ts';

/** Why a sign-in came to nothing, and what the person does now. `back`: the login still stands, so the page leads to it. */
interface EndWords {
  readonly status: number;
  readonly title: string;
  readonly what: string;
  readonly next: string;
  readonly back: boolean;
}

const tryAgain = 'Go back to the login page and press the button again.';
const askAgain =
  'Go back to chat and send session_start again, with a word of your choice: you get a new link.';

const ends = {
  'not-begun': {
    status: 403,
    title: 'This browser has not asked to sign in',
    what: 'The sign-in that led here was begun in another browser, took more than ten minutes, or was none of yours. Nothing has been changed.',
    next: 'If you have a login page open, go on there. If somebody sent you here, close this page and tell your administrators.',
    back: true,
  },
  'other-state': {
    status: 403,
    title: 'This is not the sign-in that this browser began last',
    what: 'It was begun more than once, or somebody sent you here. Nothing has been changed.',
    next: tryAgain,
    back: true,
  },
  used: {
    status: 410,
    title: 'This sign-in has been used, or is too old',
    what: 'Each sign-in counts once, for a few minutes. Reloading this page does not repeat it.',
    next: tryAgain,
    back: true,
  },
  cancelled: {
    status: 403,
    title: 'You did not sign in',
    what: 'You pressed Cancel, or it was not allowed. Nothing has been linked.',
    next: 'Without it you cannot log in. If you did not ask for this login yourself, close this page.',
    back: true,
  },
  unreachable: {
    status: 502,
    title: 'The chat platform did not answer',
    what: 'It could not be asked who you are just now. Your login still stands.',
    next: tryAgain,
    back: true,
  },
  refused: {
    status: 502,
    title: 'The chat platform did not confirm who you are',
    what: 'It did not take the sign-in that it had just given out. Your login still stands.',
    next: `${tryAgain} If it goes on, tell whoever runs the bot: its log says why.`,
    back: true,
  },
  'not-proven': {
    status: 502,
    title: 'The chat platform’s answer proves nothing',
    what: 'What it said does not fit what the bot had asked. Your login still stands.',
    next: `${tryAgain} If it goes on, tell whoever runs the bot: its log says why.`,
    back: true,
  },
  'login-dead': {
    status: 410,
    title: 'This login is over',
    what: 'It took too long, or was ended in chat. You are not logged in by it.',
    next: askAgain,
    back: false,
  },
} as const satisfies Record<string, EndWords>;

export type SignInEnd = keyof typeof ends;

/** Who somebody is, for people: a name that they may know, and the platform's id. */
interface NamedPerson {
  readonly name: string;
  readonly id: string;
}

interface Page {
  readonly status: number;
  readonly body: string;
}

/** The person is proven: the page's script goes on to the login page, which this site's own cookie opens again. */
export function signedInPage(): Page {
  const content = html`<h1>You have signed in</h1>
        <p>Going on to the login…</p>
        <p><a class="button primary" href="/login/">Go on</a></p>`;
  return { status: 200, body: page('You have signed in', content, 'signed-in.js') };
}

export function signInEndPage(end: SignInEnd): Page {
  const words = ends[end];
  return { status: words.status, body: endPage(words, html`<p>${words.what}</p>`) };
}

/** In words that a victim of a passed-on link understands (security.md T1). */
export function otherPersonPage(
  is: NamedPerson,
  owner: NamedPerson & { readonly platform: string; readonly workspace: string },
): Page {
  const words = {
    title: 'This link is not yours',
    next: 'If you only took the wrong account, or the wrong workspace: sign out there, go back to chat, and ask for a new link with session_start.',
    back: false,
  };
  const what = html`<p>You are signed in to ${owner.platform} as <strong>${is.name}</strong> (${is.id}), but this link belongs to <strong>${owner.name}</strong> (${owner.id}) in ${owner.workspace}.</p>
        <p><strong>If you did not ask the bot for it yourself, somebody sent you theirs: with your StackStorm login they could have acted as you.</strong> Tell your administrators.</p>
        <p>The login has been stopped, and nothing has been linked.</p>`;
  return { status: 403, body: endPage(words, what) };
}

/** One of the login API's own problems, for eyes. */
export function problemPage(code: ProblemCode): Page {
  const { status, title, detail } = problemKinds[code];
  return { status, body: endPage({ title, next: '', back: true }, html`<p>${detail}</p>`) };
}

function endPage(
  { title, next, back }: Pick<EndWords, 'title' | 'next' | 'back'>,
  what: ReturnType<typeof html>,
): string {
  const content = html`<p class="mark bad" aria-hidden="true">!</p>
        <h1>${title}</h1>
        ${what}
        ${next === '' ? '' : html`<p>${next}</p>`}
        ${back ? html`<p><a class="button primary" href="/login/">Back to the login page</a></p>` : ''}`;
  return page(title, content, 'sign-in-ended.js');
}

function page(title: string, content: ReturnType<typeof html>, script: string): string {
  return cardPage({
    title: `${title} · StackStorm ChatOps`,
    assets: '/login/assets/',
    styles: ['login.css', 'sign-in.css'],
    script,
    content,
  });
}
