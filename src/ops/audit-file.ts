import { constants, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Audit, AuditError, type AuditRecord } from './audit.ts';
import { auditLine } from './audit-record.ts';
import type { Logger } from './logger.ts';

export interface AuditFileOptions {
  readonly file: string;
  /** Whether an act is refused where its record cannot be written. */
  readonly required: boolean;
}

export interface AuditFileParts {
  readonly logger: Logger;
  /** Ms since the epoch. */
  readonly now: () => number;
}

interface Waiting {
  readonly line: string;
  readonly written: () => void;
  readonly failed: (error: AuditError) => void;
}

/** How often it is looked whether the file was moved away (logrotate), in ms. */
const rotationCheckMs = 1_000;
const newLine = 0x0a;

/**
 * The audit log as a file of JSON lines (S8): only ever appended to, in the order of the calls, readable by its owner
 * alone. `record` resolves when the operating system has the line: it outlives the process, not a power cut. Records of
 * the same moment are one write; one to a file is not handed to another thread, which costs 20 times what the copy into
 * the system's cache does (P1). Several processes may share a file; one that was moved away is made anew.
 */
export class AuditFile implements Audit {
  readonly #options: AuditFileOptions;
  readonly #parts: AuditFileParts;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #checkedAt = 0;
  /** The file does not end with a whole line: the next write begins one. */
  #torn = false;
  /** Not a pipe or a device, which can keep a writer waiting. */
  #isFile = false;

  constructor(options: AuditFileOptions, parts: AuditFileParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Opens the file, made with its folder where they are missing. Throws {@link AuditError} where that cannot be and records are required. */
  async open(): Promise<void> {
    try {
      await this.#open();
    } catch (cause) {
      this.#refuse(new AuditError({ cause }));
    }
  }

  async record(record: AuditRecord): Promise<void> {
    const { line, unfit } = auditLine(record, this.#parts.now());
    if (unfit.length > 0) {
      this.#parts.logger.error({ event: record.event, fields: unfit }, 'an audit record held what is no id');
    }
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ line, written: resolve, failed: reject });
    });
    this.#writing ??= this.#writeAll();
    try {
      await written;
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      this.#refuse(error);
    }
  }

  /** Resolves when everything recorded so far is written and the file is closed. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  #refuse(error: AuditError): void {
    this.#parts.logger.error({ err: error, file: this.#options.file }, 'the audit log cannot be written');
    if (this.#options.required) throw error;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#append(batch.map(({ line }) => `${line}\n`).join(''));
        for (const { written } of batch) written();
      } catch (cause) {
        const error = new AuditError({ cause });
        for (const { failed } of batch) failed(error);
      }
    }
    this.#writing = undefined;
  }

  async #append(lines: string): Promise<void> {
    const handle = await this.#current();
    const bytes = Buffer.from(this.#torn ? `\n${lines}` : lines);
    let done = 0;
    try {
      while (done < bytes.length) {
        done += this.#isFile
          ? writeSync(handle.fd, bytes, done)
          : (await handle.write(bytes, done)).bytesWritten;
      }
    } finally {
      if (done > 0) this.#torn = bytes[done - 1] !== newLine;
    }
  }

  async #current(): Promise<FileHandle> {
    const now = this.#parts.now();
    if (this.#handle !== undefined && Math.abs(now - this.#checkedAt) < rotationCheckMs) return this.#handle;
    this.#checkedAt = now;
    if (this.#handle !== undefined && (await this.#isMoved(this.#handle))) {
      await this.#handle.close();
      this.#handle = undefined;
    }
    return this.#handle ?? this.#open();
  }

  async #isMoved(handle: FileHandle): Promise<boolean> {
    const [own, there] = await Promise.all([handle.stat(), stat(this.#options.file).catch(absent)]);
    return own.isFile() && (there === undefined || own.ino !== there.ino || own.dev !== there.dev);
  }

  async #open(): Promise<FileHandle> {
    const { file } = this.#options;
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    // O_APPEND and not "a+": the position is never ours to choose. Reading is for the last byte.
    const handle = await open(file, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      const found = await handle.stat();
      // A pipe or a device (/dev/stdout) has neither an end to look at nor a mode of ours.
      this.#isFile = found.isFile();
      this.#torn = this.#isFile && !(await endsWithLine(handle, found.size));
      if (this.#isFile && (found.mode & 0o077) !== 0) await handle.chmod(0o600);
    } catch (error) {
      await handle.close();
      throw error;
    }
    this.#handle = handle;
    this.#checkedAt = this.#parts.now();
    return handle;
  }
}

async function endsWithLine(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === newLine;
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
