/** A bot in a process of its own, to be killed: it is ready when it says so, and runs one command when it is told to. */
import { startBenchBot } from './bot.ts';

const [url, folder] = process.argv.slice(2);
if (url === undefined || folder === undefined) throw new Error('one-command.ts <url> <folder>');
const { platform } = await startBenchBot(url, folder);
process.on('message', () => void platform.say('!st2 bench 1 of kill', 'kill-1'));
process.send?.('ready');
