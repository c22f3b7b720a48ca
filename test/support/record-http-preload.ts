/**
 * Loaded before the command line, so that a test hears all that its servers were asked and answered: one JSON line a
 * request, in the file that RECORD_HTTP_TO names.
 */
import { appendFileSync } from 'node:fs';
import { recordHttp } from './record-http.ts';

const file = process.env['RECORD_HTTP_TO'];
if (file !== undefined) recordHttp((record) => appendFileSync(file, `${JSON.stringify(record)}\n`));
