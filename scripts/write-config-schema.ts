import { readFile, writeFile } from 'node:fs/promises';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { withReference } from './config-reference.ts';

/** `npm run schema`: what is generated from the config's schema. A test fails while it is not up to date. */
const root = new URL('../', import.meta.url);
const page = new URL('docs/configuration.md', root);
await writeFile(new URL('config.schema.json', root), `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
await writeFile(page, withReference(await readFile(page, 'utf8')));
