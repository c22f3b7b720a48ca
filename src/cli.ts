#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { addAlias } from './cli/alias.ts';
import { addCheck, addStart } from './cli/config-commands.ts';
import { addDemo } from './cli/demo.ts';
import { addKeygen } from './cli/keygen.ts';
import { addManifest } from './cli/manifest.ts';
import { addNginx } from './cli/nginx.ts';
import { runProgram } from './cli/outcome.ts';
import { addRekey } from './cli/rekey.ts';

const ownPackage = z.object({ version: z.string() });
const { version } = ownPackage.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
);

// The one place that reads the environment: everything else is given what it needs of it.
const environment = process.env;
const program = new Command('bolt-stackstorm')
  .description('StackStorm ChatOps for Slack, on Bolt')
  .version(version);
addStart(program, environment);
addCheck(program, environment);
addDemo(program, environment);
addKeygen(program);
addRekey(program, environment);
addManifest(program, environment);
addNginx(program, environment);
addAlias(program, environment);
await runProgram(program, process.argv);
