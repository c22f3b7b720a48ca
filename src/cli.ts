#!/usr/bin/env node
import { Command } from 'commander';
import { addDemo } from './cli/demo.ts';

const program = new Command('bolt-stackstorm').description('StackStorm ChatOps for Slack, on Bolt');
addDemo(program, process.env);
await program.parseAsync();
