import { z } from 'zod';
import { checkMessage } from '../../check-message.ts';
import { wireFile } from '../../wire.ts';
import type { SlackWorld } from '../../world.ts';
import type { Installation, SlackFile } from '../../world-types.ts';
import { text, whole } from '../arguments.ts';
import { type Method, method, SlackFault } from '../call.ts';
import { target, threadOf, writable } from './chat-checks.ts';

interface Upload {
  readonly id: string;
  readonly installation: Installation;
  readonly name: string;
  readonly length: number;
  content: Buffer | undefined;
}

/** Files under way: a URL was given out, the bytes may have come, no message shows it yet. */
export class Uploads {
  readonly #world: SlackWorld;
  readonly #byUrl = new Map<string, Upload>();
  readonly #byFile = new Map<string, Upload>();

  constructor(world: SlackWorld) {
    this.#world = world;
  }

  /** The word in the upload URL. */
  start(installation: Installation, name: string, length: number): { word: string; file: string } {
    const upload: Upload = { id: this.#world.core.id('F'), installation, name, length, content: undefined };
    const word = this.#world.core.word();
    this.#byUrl.set(word, upload);
    this.#byFile.set(upload.id, upload);
    return { word, file: upload.id };
  }

  /** Takes the bytes, raw or as the one file of a form. Answers how many; undefined: no such URL, or used already. */
  async receive(word: string, request: Request): Promise<number | undefined> {
    const upload = this.#byUrl.get(word);
    if (upload === undefined) return undefined;
    this.#byUrl.delete(word);
    upload.content = await bytes(request);
    return upload.content.length;
  }

  take(id: string, installation: Installation): Upload | undefined {
    const upload = this.#byFile.get(id);
    if (upload === undefined || upload.installation !== installation) return undefined;
    this.#byFile.delete(id);
    return upload;
  }
}

async function bytes(request: Request): Promise<Buffer> {
  if (!(request.headers.get('content-type') ?? '').startsWith('multipart/form-data'))
    return Buffer.from(await request.arrayBuffer());
  const form = await request.formData();
  for (const [, value] of form) if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  return Buffer.alloc(0);
}

const listed = z.array(
  z.object({ id: z.string(), title: z.string().optional(), highlight_type: z.string().optional() }),
);

/** Files upload v2: ask for a URL, send the bytes, complete. */
export function fileMethods(uploads: Uploads): Record<string, Method> {
  return {
    'files.getUploadURLExternal': method(
      { scopes: ['files:write'] },
      {
        filename: text.min(1),
        length: whole,
        alt_txt: text.optional(),
        alt_text: text.optional(),
        snippet_type: text.optional(),
      },
      (call, args) => {
        if (args.length < 1) throw new SlackFault('invalid_arguments');
        const { word, file } = uploads.start(call.installation, args.filename, args.length);
        return { upload_url: `${call.origin}/upload/v1/${word}`, file_id: file };
      },
    ),

    'files.completeUploadExternal': method(
      { scopes: ['files:write'] },
      {
        files: listed,
        channel_id: text.optional(),
        channels: text.optional(),
        thread_ts: text.optional(),
        initial_comment: text.optional(),
        blocks: z.unknown().optional(),
        highlight_type: text.optional(),
      },
      (call, args) => {
        const { world, installation } = call;
        const named = args.channel_id ?? args.channels;
        const channel = named === undefined ? undefined : target(call, named);
        if (channel !== undefined) writable(call, channel);
        const threadTs = channel === undefined ? undefined : threadOf(call, channel, args.thread_ts);
        if (args.initial_comment !== undefined) {
          const fault = checkMessage(world, call.method, { text: args.initial_comment });
          if (fault !== undefined) throw new SlackFault(fault.code);
        }
        const files = args.files.map((one): SlackFile => {
          const upload = uploads.take(one.id, installation);
          if (upload?.content === undefined) throw new SlackFault('file_not_found');
          if (upload.content.length !== upload.length)
            call.violate('file-length', `${upload.length} bytes announced, ${upload.content.length} sent`);
          return {
            id: upload.id,
            team: installation.team ?? channel?.team ?? installation.bot.team,
            owner: installation.bot,
            name: upload.name,
            title: one.title ?? upload.name,
            mimetype: 'text/plain',
            content: upload.content,
            created: Math.floor(world.now() / 1000),
            shares: [],
          };
        });
        world.messages.files.push(...files);
        if (channel !== undefined)
          world.messages.post(installation, channel, {
            text: args.initial_comment ?? '',
            files,
            ...(threadTs === undefined ? {} : { threadTs }),
          });
        return { files: files.map(wireFile) };
      },
    ),
  };
}
