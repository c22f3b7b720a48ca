import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Asker, FormAnswer, FormSubmission } from '../chat/chat.ts';
import type { Actor } from '../executions/acting.ts';
import type { Answered } from '../executions/inquiries/answering.ts';
import { fieldsOf, filled, nameAt } from '../executions/inquiries/form-fields.ts';
import { type Question, questionsOf } from '../executions/inquiries/questions.ts';
import { askedPost, headingOf, inquiryAction, whyNoDialog } from '../executions/inquiries/words.ts';
import type { Inquiry } from '../stackstorm/wire.ts';
import { auditRefusal, type InquiryDeps, idPattern } from './inquiry.ts';
import { answeredWords, inquiryUsage, notReadWords } from './inquiry-words.ts';
import type { ButtonHandler, FormHandler } from './interactions.ts';

const title = 'Answer an inquiry';
/** What comes back with the answers: the inquiry, and what its schema was when the dialog was made of it. */
const context = z.object({ id: z.string().regex(idPattern), schema: z.string() });
const shortest = 300;

/** The button *Respond*: the inquiry's questions as a dialog, or in words where there can be none. */
export function respondButtonHandler(deps: InquiryDeps): ButtonHandler {
  return {
    action: inquiryAction,
    async press(action, { whisper }) {
      const who = whoAsks(action);
      const id = action.value;
      if (!idPattern.test(id)) {
        await whisper(inquiryUsage(deps.syntax));
        return undefined;
      }
      const read = await deps.answering.read(who, id);
      if (read.kind !== 'inquiry') {
        await auditRefusal(deps.audit, who, read, id);
        await whisper(notReadWords(read, deps.syntax));
        return undefined;
      }
      const { inquiry } = read;
      const heading = headingOf('StackStorm', inquiry);
      const questions = openQuestions(inquiry);
      if (questions === undefined) {
        const url = await deps.answering.pageOf(read.grant, id);
        const command = `${deps.syntax.prefix}inquiry respond`;
        await whisper(askedPost({ id, heading, inquiry, url, command, now: undefined }));
        return undefined;
      }
      const secrets = secretsOf(inquiry);
      const url = secrets.length === 0 ? undefined : await deps.answering.pageOf(read.grant, id);
      return {
        id: inquiryAction,
        value: JSON.stringify({ id, schema: digest(inquiry) } satisfies z.infer<typeof context>),
        title,
        text: [heading, ...(secrets.length === 0 ? [] : [secretWords(secrets, url)])].join('\n\n'),
        submit: 'Answer',
        fields: fieldsOf(questions),
      };
    },
  };
}

/** The dialog with the answers: sent with the credential of whoever sends it. */
export function respondForm(deps: InquiryDeps): FormHandler {
  const { answering, syntax } = deps;
  return {
    form: inquiryAction,
    async submit(submission) {
      const asked = contextOf(submission);
      if (asked === undefined) return shown('This dialog is none of mine. Please press the button again.');
      const who = whoAsks(submission);
      const read = await answering.read(who, asked.id);
      if (read.kind !== 'inquiry') {
        await auditRefusal(deps.audit, who, read, asked.id);
        return shown(notReadWords(read, syntax).text);
      }
      const questions = openQuestions(read.inquiry);
      if (questions === undefined || digest(read.inquiry) !== asked.schema)
        return shown('What is asked has changed meanwhile. Please press the button again.');
      const answer = filled(questions, submission.fields);
      if (answer.kind === 'faults') return { kind: 'invalid', faults: answer.faults };
      const answered = await answering.respond(who, read.grant, asked.id, answer.response);
      if (answered.kind === 'unfit') return unfit(answered, questions);
      const ending = await answering.endingOf(asked.id);
      // The message in the thread says it to everybody.
      if (answered.kind === 'answered' && ending !== undefined) return { kind: 'done' };
      return shown(answeredWords(answered, syntax, read.inquiry).text, answered.kind === 'answered');
    },
  };
}

/** What the dialog asks: everything but secrets. Undefined where no dialog can ask it. */
function openQuestions({ schema }: Inquiry): readonly Question[] | undefined {
  const asked = questionsOf(schema);
  if (asked.kind === 'unaskable' || whyNoDialog(asked) !== undefined) return undefined;
  return asked.questions.filter(({ secret }) => !secret);
}

function secretsOf({ schema }: Inquiry): readonly string[] {
  const asked = questionsOf(schema);
  return asked.kind === 'questions'
    ? asked.questions.flatMap(({ secret, name }) => (secret ? [name] : []))
    : [];
}

function secretWords(names: readonly string[], url: string | undefined): string {
  const page = url === undefined ? 'StackStorm’s own page' : `StackStorm’s own page: ${url}`;
  return `Not asked here: ${names.join(', ')}. It is secret, and whoever runs this chat can read what you type. To give it, answer on ${page}`;
}

/** StackStorm's own words at the field that they are about, else at the top. */
function unfit(
  { property, words }: Extract<Answered, { kind: 'unfit' }>,
  questions: readonly Question[],
): FormAnswer {
  const at = questions.findIndex(({ name }) => name === property);
  const said = words.length > shortest ? `${words.slice(0, shortest)}…` : words;
  if (at >= 0) return { kind: 'invalid', faults: { [nameAt(at)]: said } };
  return { kind: 'refused', text: `StackStorm does not take this answer: ${said}` };
}

function contextOf({ value }: FormSubmission): z.infer<typeof context> | undefined {
  try {
    return context.safeParse(JSON.parse(value)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function digest({ schema }: Inquiry): string {
  return createHash('sha256')
    .update(JSON.stringify(schema ?? null))
    .digest('base64url')
    .slice(0, 22);
}

function shown(text: string, isGood = false): FormAnswer {
  return { kind: 'show', title: isGood ? 'Thank you' : 'That did not work', post: { text } };
}

function whoAsks({ user, place }: Asker): Actor {
  return { user, channel: place.channel };
}
