import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { createStackStorm } from '../../src/stackstorm/client.ts';
import { StackStormError } from '../../src/stackstorm/errors.ts';
import { json, startScripted } from '../support/scripted-server.ts';
import { needsShared, readSharedJson, sharedUrl } from '../support/shared.ts';

const credential = { kind: 'token', token: 'f00dfeedf00dfeedf00dfeedf00dfeed' } as const;
const capture = z.object({
  request: z.object({ method: z.string(), path: z.string() }),
  response: z.object({ status: z.number(), body: z.unknown() }),
});

function captured(file: string) {
  return capture.parse(readSharedJson(`stackstorm/wire/${file}`));
}

/** Runs `call` against a StackStorm that answers as the capture does. */
async function answeredAs(file: string) {
  const { request, response } = captured(file);
  await using server = await startScripted((_, answer) => json(answer, response.status, response.body));
  const stackstorm = createStackStorm({ url: server.url });
  const id = request.path.split('/')[3] ?? '';
  try {
    if (request.method === 'PUT') return await stackstorm.respond(credential, id, {});
    return await (id === '' ? stackstorm.inquiries(credential) : stackstorm.inquiry(credential, id));
  } catch (error) {
    assert.ok(error instanceof StackStormError);
    return error;
  } finally {
    await stackstorm.close();
  }
}

describe('inquiries as StackStorm answers them', () => {
  it('gives those that wait, and one, as they were captured', needsShared, async () => {
    assert.deepEqual(await answeredAs('inquiries_list.json'), captured('inquiries_list.json').response.body);
    assert.deepEqual(await answeredAs('inquiry_get.json'), captured('inquiry_get.json').response.body);
  });

  it('says why one cannot be read or answered, and at which property', needsShared, async () => {
    const expected: Record<string, readonly [string, RegExp, string | undefined]> = {
      'inquiry_get_after.json': ['rejected', /already been responded to/, undefined],
      'inquiry_get_missing.json': ['not-found', /could not be found/, undefined],
      'inquiry_get_not_inquiry.json': ['rejected', /is not an inquiry/, undefined],
      'inquiry_put_again.json': ['rejected', /already been responded to/, undefined],
      'inquiry_put_invalid.json': ['rejected', /'maybe' is not of type 'boolean'$/, 'approve'],
      'inquiry_put_missing.json': ['not-found', /could not be found/, undefined],
      'inquiry_put_missing_required.json': ['rejected', /'approve' is a required property$/, 'approve'],
      'inquiry_put_no_id_key.json': ['rejected', /'id' is a required property/, 'id'],
      'inquiry_put_no_response_key.json': ['rejected', /'response' is a required property/, 'response'],
      'inquiry_put_ok_no_id_in_body.json': ['rejected', /'id' is a required property/, 'id'],
      'inquiry_put_wrong_user.json': ['forbidden', /does not have permission/, undefined],
      'inquiries_list_no_auth.json': ['unauthorized', /Unauthorized/, undefined],
    };
    const refusals = readdirSync(sharedUrl('stackstorm/wire/')).filter(
      (file) => /^inquir.*json$/.test(file) && captured(file).response.status >= 400,
    );
    assert.deepEqual(refusals.sort(), Object.keys(expected).sort());
    for (const [file, [code, words, instance]] of Object.entries(expected)) {
      const error = await answeredAs(file);
      assert.ok(error instanceof StackStormError, file);
      assert.deepEqual([error.code, error.instance, error.mayHaveHappened], [code, instance, false], file);
      assert.match(error.faultstring ?? '', words);
      assert.doesNotMatch(JSON.stringify(error), /approve/, 'no log prints it');
    }
  });
});
