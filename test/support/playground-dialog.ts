import { z } from 'zod';
import type { ChatLine } from './playground-client.ts';

const form = z.looseObject({
  id: z.string(),
  text: z.string().optional(),
  fields: z.array(z.looseObject({ name: z.string(), type: z.string(), label: z.string() })),
});
const pressed = z.object({ form: form.optional() });
const answered = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('invalid'), faults: z.record(z.string(), z.string()) }),
  z.object({ kind: z.literal('refused'), text: z.string() }),
  z.object({ kind: z.literal('show'), title: z.string(), text: z.string(), blocks: z.array(z.unknown()) }),
]);
export type DialogAnswer = z.infer<typeof answered>;

/** A dialog that is open, filled in by the labels of its fields. */
export interface OpenDialog {
  readonly text: string;
  /** `type label` of each field. */
  readonly fields: readonly string[];
  send(values: Readonly<Record<string, unknown>>): Promise<DialogAnswer>;
}

const buttonsOf = z.looseObject({
  type: z.literal('buttons'),
  buttons: z.array(
    z.looseObject({ label: z.string(), action: z.string().optional(), value: z.string().optional() }),
  ),
});

/** One person's presses of buttons, and the dialogs that open, at the playground's HTTP API. */
export class PlaygroundDialogs {
  readonly #url: string;
  readonly #user: string;

  constructor(url: string, user: string) {
    this.#url = url;
    this.#user = user;
  }

  /** Presses the button of that label; answers the dialog that opens, if one does. */
  press(line: ChatLine, label: string): Promise<OpenDialog | undefined> {
    return this.#press(line.blocks ?? [], label, { messageId: line.id });
  }

  /** The same on the bot's page. */
  async pressOnPage(label: string): Promise<OpenDialog | undefined> {
    const response = await fetch(`${this.#url}/playground/api/home?user=${this.#user}`);
    const { blocks } = z.object({ blocks: z.array(z.unknown()) }).parse(await response.json());
    return await this.#press(blocks, label, {});
  }

  async #press(blocks: readonly unknown[], label: string, on: object): Promise<OpenDialog | undefined> {
    const buttons = blocks.flatMap((block) => buttonsOf.safeParse(block).data?.buttons ?? []);
    const found = buttons.find((button) => button.label === label);
    if (found === undefined) throw new Error(`no button ${label} in ${JSON.stringify(blocks)}`);
    const { action, value } = found;
    const answer = pressed.parse(await this.#post('actions', { ...on, action, value }));
    return answer.form === undefined ? undefined : this.#dialog(answer.form);
  }

  #dialog({ id, text = '', fields }: z.infer<typeof form>): OpenDialog {
    return {
      text,
      fields: fields.map((field) => `${field.type} ${field.label}`),
      send: async (values) => {
        const named = Object.entries(values).map(([label, value]) => {
          const field = fields.find((one) => one.label === label);
          if (field === undefined) throw new Error(`no field ${label}`);
          return [field.name, value] as const;
        });
        return answered.parse(await this.#post('forms', { form: id, fields: Object.fromEntries(named) }));
      },
    };
  }

  async #post(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.#url}/playground/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user: this.#user, ...body }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }
}

/** The one dialog that pressing *Respond* must open. */
export async function opened(dialogs: PlaygroundDialogs, line: ChatLine): Promise<OpenDialog> {
  const dialog = await dialogs.press(line, 'Respond');
  if (dialog === undefined) throw new Error(`no dialog opened for ${line.text}`);
  return dialog;
}

/** Whether a message is a question of a workflow's that waits for an answer, for everybody to see. */
export function isQuestion(line: ChatLine): boolean {
  return line.text.startsWith('◆') && !line.private;
}

/** The inquiry that a message names. */
export function inquiryIn(line: ChatLine): string {
  const id = /inquiry ([0-9a-f]{24})/.exec(line.text)?.[1];
  if (id === undefined) throw new Error(`no inquiry in ${line.text}`);
  return id;
}
