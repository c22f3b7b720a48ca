import { LoginClient } from './login-client.ts';
import { type ChatLine, loginUrl, PlaygroundClient } from './playground-client.ts';

/** A person of the demo with a session: asks for a link, opens it, and logs in as the StackStorm user of that name. */
export async function loggedIn(url: string, name: string): Promise<PlaygroundClient> {
  const person = new PlaygroundClient(url, name);
  const login = new LoginClient(url);
  await login.open(await askForLink(person));
  const answer = await login.password('plum', name, name);
  if (answer.status !== 200) throw new Error(`no session: ${answer.status} ${JSON.stringify(answer.body)}`);
  return person;
}

/** `session_start plum`, and the URL of the button that comes. */
export async function askForLink(person: PlaygroundClient): Promise<string> {
  const line = await person.ask('dm', '!session_start plum', ({ blocks }) =>
    JSON.stringify(blocks ?? []).includes('/login/#'),
  );
  return loginUrl(line);
}

/** The execution that a message of the bot names. */
export function executionIn(line: ChatLine): string {
  const id = /execution ([0-9a-f]{24})/u.exec(line.text)?.[1];
  if (id === undefined) throw new Error(`no execution in ${JSON.stringify(line)}`);
  return id;
}

/** Whether the bot's message is a result: it names StackStorm's own word for the end, and the execution where given. */
export function isResult(line: ChatLine, executionId = ''): boolean {
  return (
    line.from === 'bot' &&
    /\b(succeeded|failed|timeout)\b/u.test(line.text) &&
    line.text.includes(executionId)
  );
}

/** The bot's messages in the thread of a message. */
export async function threadOf(person: PlaygroundClient, channel: string, root: string): Promise<ChatLine[]> {
  const lines = await person.read(channel);
  return lines.filter((line) => line.from === 'bot' && String(line.threadTs) === root);
}
