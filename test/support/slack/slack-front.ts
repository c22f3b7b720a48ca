import type { TestContext } from 'node:test';
import { Hono } from 'hono';
import { listen } from '../listen.ts';

/** Something in front of an emulated Slack that can stop answering. */
export interface SlackFront {
  readonly url: string;
  isDown: boolean;
}

export async function slackFront(t: TestContext, behind: string): Promise<SlackFront> {
  const hono = new Hono();
  const server = await listen(hono);
  t.after(() => server.close());
  const front = { url: server.url, isDown: false };
  hono.all('*', async (c) => {
    if (front.isDown) return c.text('upstream is away', 503);
    const { pathname, search } = new URL(c.req.url);
    const body = c.req.method === 'GET' ? null : await c.req.arrayBuffer();
    const headers = new Headers(c.req.raw.headers);
    headers.delete('host');
    headers.delete('content-length');
    headers.delete('connection');
    return fetch(`${behind}${pathname}${search}`, {
      method: c.req.method,
      headers,
      body,
      redirect: 'manual',
    });
  });
  return front;
}
