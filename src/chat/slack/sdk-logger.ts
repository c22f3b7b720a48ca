import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import type { Logger } from '../../ops/logger.ts';

/**
 * Slack's SDK logs whole messages at its level debug: that level does not exist here (S8). What it says above is its own
 * words about connections and answers, never what people typed.
 */
export function slackLogger(logger: Logger): SlackLogger {
  const child = logger.child({ part: 'slack-sdk' });
  const words = (said: readonly unknown[]) => said.filter((one) => typeof one === 'string').join(' ');
  return {
    debug: silent,
    info: (...said) => child.debug(words(said)),
    warn: (...said) => child.warn(words(said)),
    error: (...said) => child.error(words(said)),
    setLevel: silent,
    getLevel: () => LogLevel.INFO,
    setName: silent,
  };
}

function silent(): undefined {
  return undefined;
}
