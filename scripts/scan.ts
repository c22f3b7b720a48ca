import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { answersPart, headersPart, hearAll } from './scan/answers.ts';
import { cookiesPart } from './scan/cookies.ts';
import { report } from './scan/report.ts';
import type { Target } from './scan/target.ts';
import { plainPart, tlsPart } from './scan/tls.ts';

/**
 * `npm run scan -- https://chatops.example.com`: looks at a running TLS front as anybody on the network can, and prints
 * what it found as Markdown. Exit code 0: all is as it should be; 1: it is not, or nothing answers; 2: a wrong command
 * line. It asks for one link that nobody made and gives credentials to no login, so it changes nothing; with `--link` it
 * uses up that link.
 */
const usage = `npm run scan -- https://HOST[:PORT] [options]
  --ca FILE              the authority of its certificate, if the system does not know it (PEM)
  --cert FILE --key FILE a client's certificate, where the front wants one (PEM)
  --connect HOST:PORT    where to connect, if the name does not stand for it yet
  --plain-port PORT      where plain HTTP would be; 80 unless given
  --link URL             a login link of yours, to see the cookie that it brings; it is used up`;

class UsageError extends Error {}

async function scan(target: Target): Promise<number> {
  const heard = await hearAll(target);
  const parts = [
    headersPart(target),
    answersPart(target, heard),
    cookiesPart(heard, target.link !== undefined),
    await tlsPart(target),
    await plainPart(target),
  ];
  console.log(report(parts));
  return parts.some(({ faults }) => faults.length > 0) ? 1 : 0;
}

function targetOf(args: string[]): Target {
  const { values, positionals } = parsed(args);
  const [address, ...more] = positionals;
  const origin = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  if (origin?.protocol !== 'https:' || more.length > 0) throw new UsageError('Name one https address.');
  const [, host = origin.hostname, port = origin.port || '443'] =
    /^(.+):(\d{1,5})$/.exec(values.connect ?? '') ?? [];
  const { ca, cert, key, link } = values;
  if ((cert === undefined) !== (key === undefined)) throw new UsageError('--cert and --key go together.');
  return {
    origin,
    host,
    port: Number(port),
    plainPort: Number(values['plain-port'] ?? 80),
    ca: ca === undefined ? undefined : [...rootCertificates, readFileSync(ca, 'utf8')].join('\n'),
    client:
      cert === undefined || key === undefined
        ? undefined
        : { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
    link: link?.slice(link.indexOf('#') + 1),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        ca: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        connect: { type: 'string' },
        'plain-port': { type: 'string' },
        link: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'What is meant cannot be told.');
  }
}

try {
  process.exitCode = await scan(targetOf(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof Error)) throw error;
  const isUsage = error instanceof UsageError;
  console.error(
    isUsage ? `${error.message}\n\n${usage}` : `The front could not be looked at: ${error.message}`,
  );
  process.exitCode = isUsage ? 2 : 1;
}
