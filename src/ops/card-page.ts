import { html } from 'hono/html';

export interface CardPage {
  readonly title: string;
  /** Where the page's files are, with a slash at its end: `/login/assets/`. */
  readonly assets: string;
  readonly styles: readonly string[];
  /** A module; absent: the page has no script. */
  readonly script?: string;
  /** Made by `html`, so that what is put into it is escaped. */
  readonly content: ReturnType<typeof html>;
}

/** A page with one card on it, as the login page has it: for the ends of a way through other pages. */
export function cardPage({ title, assets, styles, script, content }: CardPage): string {
  return String(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <meta name="referrer" content="no-referrer" />
    <meta name="robots" content="noindex" />
    <title>${title}</title>
    <link rel="icon" href="${assets}icon.svg" type="image/svg+xml" />
    ${styles.map((style) => html`<link rel="stylesheet" href="${assets}${style}" />`)}
    ${script === undefined ? '' : html`<script type="module" src="${assets}${script}"></script>`}
  </head>
  <body>
    <main>
      <p class="brand"><img src="${assets}icon.svg" alt="" width="28" height="28" />StackStorm ChatOps</p>
      <section class="card">
        ${content}
      </section>
    </main>
  </body>
</html>
`);
}
