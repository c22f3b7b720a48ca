import type { Locator, Page } from 'playwright-core';
import { stubLink } from './login-stub.ts';

/** The heading of the state that the login page shows. */
export function heading(page: Page): Locator {
  return page.locator('h1:visible');
}

export async function openPage(page: Page, link: string = stubLink): Promise<void> {
  await page.goto(`/login/#${link}`);
}

/** Fills the form in as a person does, and presses the button. */
export async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Your secret word').fill('plum');
  await page.getByLabel('StackStorm user name').fill('alice');
  await page.getByLabel('StackStorm password').fill('alice');
  // Forced: a button that is held still must not send, which a test has to try.
  await page.getByRole('button', { name: 'Log in' }).click({ force: true });
}

/** Waits for the alert and answers what it says. */
export async function alertOf(page: Page): Promise<string> {
  const alert = page.getByRole('alert');
  await alert.waitFor();
  return alert.innerText();
}
