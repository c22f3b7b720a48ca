import { el } from './element.js';
import { renderParts } from './parts.js';

const names = { bot: 'StackStorm bot' };
const tones = { alice: 'tone-0', bob: 'tone-1', admin: 'tone-2', bot: 'tone-bot' };

/** The messages of the channel that is shown, threads under their first message. */
export function createMessageList({ list, scroll, onReply, onPress }) {
  const known = new Map();
  const items = new Map();
  let person;
  let channel;

  /** Somebody who reads older messages is not torn away from them. */
  const isAtEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight;
  };

  const place = (message) => {
    const old = items.get(message.id);
    const item = messageItem(message, {
      person,
      onReply,
      onPress: (button) => onPress(button, message.id),
    });
    items.set(message.id, item);
    if (old) {
      const replies = old.querySelector(':scope > .replies');
      item.querySelector(':scope > .replies').replaceWith(replies);
      old.replaceWith(item);
      return;
    }
    const root = message.threadTs === null ? undefined : items.get(message.threadTs);
    (root?.querySelector(':scope > .replies') ?? list).append(item);
  };

  return {
    get hasMessages() {
      return items.size > 0;
    },
    clear() {
      known.clear();
      items.clear();
      list.replaceChildren();
    },
    /** New and edited messages, of any channel. */
    take(messages) {
      const follow = isAtEnd();
      for (const message of messages) {
        known.set(message.id, message);
        if (message.channel === channel) place(message);
      }
      if (follow) toEnd();
    },
    show(nextPerson, nextChannel) {
      person = nextPerson;
      channel = nextChannel;
      items.clear();
      list.replaceChildren();
      for (const message of known.values()) if (message.channel === channel) place(message);
      toEnd();
    },
  };
}

function messageItem(message, { person, onReply, onPress }) {
  const name = names[message.from] ?? message.from;
  const at = new Date(Number(message.ts) * 1000);
  const time = el('time', { dateTime: at.toISOString(), title: at.toLocaleString() }, clock(at));
  const isWhisper = message.private && message.channel !== 'dm';
  const excerpt = message.text.length > 40 ? `${message.text.slice(0, 40)}…` : message.text;
  const reply = el('button', { type: 'button', className: 'reply' }, 'Reply');
  reply.setAttribute('aria-label', `Reply in the thread of ${excerpt}`);
  reply.addEventListener('click', () => onReply(message.threadTs ?? message.id, excerpt));
  const item = el(
    'li',
    { className: `message${isWhisper ? ' whisper' : ''}${message.from === person ? ' own' : ''}` },
    el(
      'article',
      {},
      avatar(message.from, name),
      el(
        'div',
        { className: 'body' },
        isWhisper && el('p', { className: 'only-you' }, 'Only visible to you'),
        el(
          'p',
          { className: 'byline' },
          el('strong', {}, name),
          message.from === 'bot' && el('span', { className: 'badge' }, 'bot'),
          time,
          message.edited && el('span', { className: 'edited' }, '(edited)'),
        ),
        el('div', { className: 'content' }, ...renderParts(message, onPress)),
        reactionsOf(message),
      ),
      reply,
    ),
    el('ol', { className: 'replies' }),
  );
  item.dataset.id = message.id;
  item.dataset.from = message.from;
  return item;
}

/** Emoji that every machine can show. */
const emoji = { hourglass_flowing_sand: '◑', white_check_mark: '✓', x: '✗' };

/** The bot's marks on a message. */
function reactionsOf({ reactions }) {
  if (reactions.length === 0) return false;
  const marks = reactions.map((name) => {
    const mark = el('span', { className: 'reaction', title: `:${name}:` }, emoji[name] ?? `:${name}:`);
    mark.dataset.mark = name;
    mark.setAttribute('role', 'img');
    mark.setAttribute('aria-label', `marked ${name.replaceAll('_', ' ')}`);
    return mark;
  });
  return el('p', { className: 'reactions' }, ...marks);
}

function avatar(from, name) {
  const picture = el('span', { className: `avatar ${tones[from] ?? 'tone-0'}` }, [...name][0].toUpperCase());
  picture.setAttribute('aria-hidden', 'true');
  return picture;
}

function clock(at) {
  return at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}
