import type { Locator, Page } from 'playwright-core';

/** Opens the playground's page as that person. Waits until it shows what was said there. */
export async function openChat(page: Page, person: string, channel: 'general' | 'dm'): Promise<void> {
  const heard = page.waitForResponse((response) => response.url().includes('/playground/api/messages'));
  await page.goto(`/playground/#${person}/${channel}`);
  await heard;
}

/** Types a message and sends it as a person does; answers the message as the page shows it. */
export async function say(page: Page, text: string): Promise<Locator> {
  const before = await page.locator('.message.own').count();
  const composer = page.locator('#composer-text');
  await composer.fill(text);
  await composer.press('Enter');
  const own = page.locator('.message.own').nth(before);
  await own.getByText(text, { exact: true }).first().waitFor();
  return own;
}

/** The bot's message that holds these words; waits for it. */
export async function fromBot(within: Page | Locator, words: string | RegExp): Promise<Locator> {
  const message = within.locator('.message[data-from="bot"]').filter({ hasText: words }).last();
  await message.waitFor();
  return message;
}

/** Asks for a login link in the direct conversation, presses the button, and answers the page that it opens. */
export async function pressLoginButton(page: Page, secret: string): Promise<Page> {
  await say(page, `!session_start ${secret}`);
  const button = page.getByRole('link', { name: 'Log in to StackStorm' }).last();
  await button.waitFor();
  const [opened] = await Promise.all([page.context().waitForEvent('page'), button.click()]);
  return opened;
}
