import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBot } from '../support/bot.ts';
import { browserMissing, launchBrowser, screenshot, withPage } from '../support/browser.ts';

test('a command is marked, its acknowledgement lives, its result is a table', {
  skip: browserMissing(),
}, async (t) => {
  const rig = await startBot(t, { config: { executions: { reactions: true, announcementWait: '0s' } } });
  const browser = await launchBrowser();
  t.after(() => browser.close());
  await rig.logIn('alice');
  await withPage(browser, rig.url, async (page) => {
    await page.goto('/playground/#alice/general');
    const say = async (text: string) => {
      await page.locator('#composer-text').fill(text);
      await page.locator('#composer-text').press('Enter');
      return page.locator('.message[data-from="alice"]', { hasText: text });
    };
    const waiting = await say('!st2 wait 4 seconds');
    await waiting.locator('[aria-label="marked hourglass flowing sand"]').waitFor();
    await waiting
      .locator('.replies')
      .getByText(/Running for \d\.\d s · demo\.wait/)
      .waitFor();
    await screenshot(page, 'progress-1-running');
    const hosts = await say('!st2 run hostname on web1, web2, nowhere9');
    await hosts
      .locator('.replies')
      .getByText(/demo\.run: \w+ after/)
      .waitFor();
    await page.mouse.move(0, 0);
    await screenshot(page, 'progress-2-hosts');
    await say('!st2 fail');
    await page.getByText(/demo\.fail: failed after/).waitFor();
    await page.getByText(/Failed after .* · demo\.fail/).waitFor();
    await page.locator('[aria-label="marked x"]').last().waitFor();
    await waiting
      .locator('.replies')
      .getByText(/Succeeded after 4\.\d s · demo\.wait/)
      .waitFor();
    await waiting.locator('[aria-label="marked white check mark"]').waitFor();
    assert.equal(await waiting.locator('[aria-label="marked hourglass flowing sand"]').count(), 0);
    assert.equal(
      await waiting.locator('.replies > .message').count(),
      2,
      'the acknowledgement and the result',
    );
    const table = hosts.locator('.replies table');
    assert.match(await table.innerText(), /host\s+exit code\s+output/);
    await screenshot(page, 'progress-3-ended');
  });
});
