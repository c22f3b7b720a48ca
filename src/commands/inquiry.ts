import { chatUserKey } from '../chat/chat.ts';
import type { Actor } from '../executions/acting.ts';
import type { Answered, Answering, NotRead } from '../executions/inquiries/answering.ts';
import { questionsOf } from '../executions/inquiries/questions.ts';
import { typedAnswer } from '../executions/inquiries/typed-answer.ts';
import { askedPost, headingOf } from '../executions/inquiries/words.ts';
import type { Audit } from '../ops/audit.ts';
import type { Command, CommandContext } from './command.ts';
import { answeredWords, inquiryUsage, listPost, notReadWords } from './inquiry-words.ts';
import type { CommandSyntax } from './parse.ts';

export interface InquiryDeps {
  readonly answering: Answering;
  readonly audit: Audit;
  readonly syntax: CommandSyntax;
}

/** An execution's id, which an inquiry's is: it goes into an address and an audit record. */
export const idPattern = /^[0-9a-f]{24}$/;

/** `inquiry list | get <id> | respond <id> …`: what workflows ask, as the person who asks may see and answer it (S7). */
export function inquiry(deps: InquiryDeps): Command {
  return {
    name: 'inquiry',
    usage: 'list | get <id> | respond <id> name=value …',
    summary: 'The questions that workflows ask, and your answers.',
    async run(context) {
      const [, verb = '', rest = ''] = /^(\S+)\s*([\s\S]*)$/.exec(context.rest) ?? [];
      const [, id = '', typed = ''] = /^(\S+)\s*([\s\S]*)$/.exec(rest) ?? [];
      if (verb === 'list' && rest === '') return await list(deps, context);
      const isKnown = verb === 'get' ? typed === '' : verb === 'respond';
      if (!isKnown || !idPattern.test(id)) return await context.whisper(inquiryUsage(deps.syntax));
      await (typed === '' ? get(deps, context, id) : respond(deps, context, id, typed));
    },
  };
}

async function list(deps: InquiryDeps, context: CommandContext): Promise<void> {
  const listed = await deps.answering.list(whoAsks(context.message));
  if (listed.kind === 'list') return await context.whisper(listPost(listed.list, deps.syntax));
  await refuse(deps, context, listed);
}

async function get(deps: InquiryDeps, context: CommandContext, id: string): Promise<void> {
  const read = await deps.answering.read(whoAsks(context.message), id);
  if (read.kind !== 'inquiry') return await refuse(deps, context, read, id);
  await context.whisper(
    askedPost({
      id,
      heading: headingOf('StackStorm', read.inquiry),
      inquiry: read.inquiry,
      url: await deps.answering.pageOf(read.grant, id),
      command: `${deps.syntax.prefix}inquiry respond`,
      now: undefined,
    }),
  );
}

async function respond(deps: InquiryDeps, context: CommandContext, id: string, typed: string): Promise<void> {
  const { answering, syntax } = deps;
  const who = whoAsks(context.message);
  const read = await answering.read(who, id);
  if (read.kind !== 'inquiry') return await refuse(deps, context, read, id);
  const asked = questionsOf(read.inquiry.schema);
  const answer = typedAnswer(asked.kind === 'questions' ? asked.questions : [], typed);
  switch (answer.kind) {
    case 'faults':
      return await context.whisper({ text: `Nothing was answered. ${answer.faults.join('\n')}` });
    case 'secret': {
      const page = await answering.pageOf(read.grant, id);
      return await context.whisper({
        text: `Nothing was answered: ${answer.names.join(', ')} is a secret, and whoever runs this chat can read what you type. Please delete your message, and answer on StackStorm’s own page${page === undefined ? '' : `: ${page}`}.`,
      });
    }
    case 'response': {
      const answered = await answering.respond(who, read.grant, id, answer.response);
      if (answered.kind === 'unfit') return await context.whisper({ text: unfitWords(answered) });
      await context.whisper(answeredWords(answered, syntax, read.inquiry));
    }
  }
}

function unfitWords({ property, words }: Extract<Answered, { kind: 'unfit' }>): string {
  return `StackStorm does not take this answer: ${property === undefined ? '' : `${property}: `}${words}`;
}

/** Tells why not; a want of a session, and a no of StackStorm's, are audit records. */
export async function auditRefusal(audit: Audit, who: Actor, not: NotRead, id?: string): Promise<void> {
  if (not.kind !== 'not-granted' && not.kind !== 'forbidden') return;
  await audit.record({
    event: not.kind === 'forbidden' ? 'inquiry.refused' : 'command.refused',
    outcome: not.kind === 'forbidden' ? 'forbidden' : not.reason,
    chatUser: chatUserKey(who.user),
    channel: who.channel,
    ...(id === undefined ? {} : { executionId: id }),
  });
}

async function refuse(deps: InquiryDeps, context: CommandContext, not: NotRead, id?: string): Promise<void> {
  await auditRefusal(deps.audit, whoAsks(context.message), not, id);
  await context.whisper(notReadWords(not, deps.syntax));
}

function whoAsks({ user, place }: CommandContext['message']): Actor {
  return { user, channel: place.channel };
}
