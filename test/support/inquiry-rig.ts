import type { BotRig } from './bot.ts';
import type { ChatLine } from './playground-client.ts';
import { isQuestion, PlaygroundDialogs } from './playground-dialog.ts';

/** What this person presses and fills in. */
export function dialogsOf(rig: BotRig, user: 'alice' | 'bob' | 'admin'): PlaygroundDialogs {
  return new PlaygroundDialogs(rig.url, user);
}

/** An alias that asks what `asked` says; typed as its name. */
async function addQuestion(
  rig: BotRig,
  name: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<void> {
  rig.stackstorm.state.packs.putAlias({
    pack: 'demo',
    name,
    action_ref: 'core.ask',
    formats: [`question ${name}`],
    immutable_parameters: asked,
  });
  await rig.bot.refresh();
}

/** Asks it, as alice, and answers the question as everybody sees it. */
export async function ask(
  rig: BotRig,
  name: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<ChatLine> {
  await addQuestion(rig, name, asked);
  const root = await rig.alice.say('general', `!st2 question ${name}`);
  return await rig.alice.waitFor('general', root, isQuestion);
}

/** The question's message once it says how it ended. */
export function closed(rig: BotRig, question: ChatLine, words: RegExp): Promise<ChatLine> {
  return rig.alice.waitFor('general', '0', (line) => line.id === question.id && words.test(line.text));
}
