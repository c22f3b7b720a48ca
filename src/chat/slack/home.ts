import type { types } from '@slack/bolt';
import type { Home, Part } from '../chat.ts';
import { actionId } from './action-ids.ts';
import { type Block, blocksOf } from './blocks.ts';
import { escapeText } from './mrkdwn.ts';

/** The action of the page's search. */
export const searchAction = 'search';

/** https://docs.slack.dev/surfaces/app-home: a Home takes a hundred blocks. */
const mostBlocks = 100;

/** The bot's page as Slack's App Home. */
export function homeView(home: Home): types.HomeView {
  const blocks: Block[] = [];
  let buttons = 0;
  let between: Part[] = [];
  const flush = () => {
    blocks.push(...blocksOf(between, buttons));
    for (const part of between) if (part.type === 'buttons') buttons += part.buttons.length;
    between = [];
  };
  for (const part of home.parts) {
    if (part.type !== 'search') {
      between.push(part);
      continue;
    }
    flush();
    blocks.push(searchBlock(part.label, part.initial));
  }
  flush();
  if (blocks.length <= mostBlocks) return { type: 'home', blocks };
  const note = blocksOf([{ type: 'context', text: 'There is more than fits here.' }]);
  return { type: 'home', blocks: [...blocks.slice(0, mostBlocks - note.length), ...note] };
}

function searchBlock(label: string, initial: string | undefined): types.KnownBlock {
  return {
    type: 'input',
    block_id: searchAction,
    dispatch_action: true,
    optional: true,
    label: { type: 'plain_text', text: escapeText(label) },
    element: {
      type: 'plain_text_input',
      action_id: actionId(searchAction, 0),
      dispatch_action_config: { trigger_actions_on: ['on_enter_pressed'] },
      ...(initial === undefined ? {} : { initial_value: initial }),
    },
  };
}
