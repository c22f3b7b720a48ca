import { press, send } from './api.js';
import { createComposer } from './composer.js';
import { createDialog } from './dialog.js';
import { follow } from './feed.js';
import { createHome } from './home.js';
import { createMessageList } from './message-list.js';

/**
 * The playground: a chat in which one can be alice, bob or the admin. Who one is and where stands in the address
 * (`#bob/dm`), so that two tabs can be two people and a reload changes nothing.
 */

const people = ['alice', 'bob', 'admin'];
const channels = {
  general: { title: '# general', topic: 'Everybody reads this. Commands begin with !' },
  dm: { title: 'StackStorm bot', topic: 'Only you and the bot read this. Commands need no !' },
  home: { title: 'Home of the bot', topic: 'The bot’s own page for you, as an app’s Home in Slack' },
};

const byId = (id) => document.getElementById(id);

let here = { person: 'alice', channel: 'general' };
let feed;
let thread;
const unread = { general: 0, dm: 0 };

const list = createMessageList({
  list: byId('messages'),
  scroll: byId('scroll'),
  onReply: (message, excerpt) => reply(message, excerpt),
  onPress: pressed,
});
const home = createHome({ element: byId('home'), onPress: (button) => pressed(button), onTrouble: trouble });
const dialog = createDialog(byId('dialog'));
const composer = createComposer({
  form: byId('composer'),
  input: byId('composer-text'),
  send: (text) => sendHere(text),
});

function placeInAddress() {
  const [person, channel] = location.hash.slice(1).split('/');
  return {
    person: people.includes(person) ? person : 'alice',
    channel: Object.hasOwn(channels, channel) ? channel : 'general',
  };
}

function go(person, channel) {
  const address = `#${person}/${channel}`;
  // At once: what is typed right after a press belongs to the place that was pressed.
  if (location.hash !== address) history.pushState(null, '', address);
  arrive();
}

/** Shows the place that the address names. */
function arrive() {
  const next = placeInAddress();
  const otherPerson = next.person !== here.person || feed === undefined;
  here = next;
  reply(undefined);
  if (otherPerson) {
    feed?.stop();
    unread.general = 0;
    unread.dm = 0;
    list.clear();
    feed = follow(here.person, { onMessages: show, onTrouble: trouble });
  }
  if (here.channel !== 'home') unread[here.channel] = 0;
  list.show(here.person, here.channel);
  showHome(here.channel === 'home');
  byId('title').textContent = channels[here.channel].title;
  byId('topic').textContent = channels[here.channel].topic;
  byId('account').textContent = `${here.person} / ${here.person}`;
  byId('composer-label').textContent = `Message to ${channels[here.channel].title} as ${here.person}`;
  byId('composer-text').placeholder = `Message as ${here.person}`;
  document.querySelector(`input[name="person"][value="${here.person}"]`).checked = true;
  for (const button of document.querySelectorAll('[data-channel]')) {
    if (button.dataset.channel === here.channel) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
  }
  refreshSigns();
}

/** The bot's page takes the place of messages and message box. */
function showHome(isHome) {
  byId('home').hidden = !isHome;
  byId('composer').hidden = isHome;
  byId('messages').hidden = isHome;
  if (isHome) home.show(here.person);
  else home.hide();
}

/** @param {string} [messageId] absent: a button of the bot's page */
async function pressed({ action, value }, messageId) {
  const person = here.person;
  const { ok, words, body } = await press({ user: person, action, value, ...(messageId && { messageId }) });
  trouble(ok ? '' : words);
  if (!ok || person !== here.person) return;
  if (body.form !== undefined) dialog.showForm(person, body.form);
  else home.refresh();
}

/** @param {boolean} isFirst the first answer holds what was there before */
function show(messages, isFirst) {
  list.take(messages);
  if (!isFirst) {
    for (const message of messages) {
      const isElsewhere = message.channel !== here.channel || document.hidden;
      if (isElsewhere && message.from !== here.person && !message.edited) unread[message.channel] += 1;
    }
  }
  // A login or its end is told by message, and shows on the page.
  home.refresh();
  refreshSigns();
}

function refreshSigns() {
  byId('welcome').hidden = list.hasMessages || here.channel === 'home';
  byId('chips').hidden = !list.hasMessages;
  for (const button of document.querySelectorAll('[data-channel]')) {
    const count = unread[button.dataset.channel] ?? 0;
    const sign = button.querySelector('.unread');
    sign.hidden = count === 0;
    sign.textContent = count > 99 ? '99+' : String(count);
    sign.setAttribute('aria-label', `${count} unread`);
  }
  const all = unread.general + unread.dm;
  document.title = `${all > 0 ? `(${all}) ` : ''}${channels[here.channel].title} · ${here.person} · Playground`;
}

function reply(message, excerpt) {
  thread = message;
  byId('replying').hidden = message === undefined;
  if (message === undefined) return;
  byId('replying-to').textContent = `Replying in the thread of “${excerpt}”`;
  byId('composer-text').focus();
}

async function sendHere(text) {
  const answer = await send({
    user: here.person,
    channel: here.channel,
    text,
    ...(thread && { threadTs: thread }),
  });
  trouble(answer.ok ? '' : answer.words);
  return answer.ok;
}

function trouble(words) {
  byId('trouble').textContent = words;
  byId('trouble').hidden = words === '';
}

for (const radio of document.querySelectorAll('input[name="person"]')) {
  radio.addEventListener('change', () => go(radio.value, here.channel));
}
for (const button of document.querySelectorAll('[data-channel]')) {
  button.addEventListener('click', () => {
    go(here.person, button.dataset.channel);
    if (button.dataset.channel !== 'home') byId('composer-text').focus();
  });
}
for (const chip of document.querySelectorAll('[data-type]')) {
  chip.addEventListener('click', () => {
    if (chip.dataset.in) go(here.person, chip.dataset.in);
    composer.fill(chip.dataset.type);
  });
}
byId('stop-replying').addEventListener('click', () => {
  reply(undefined);
  byId('composer-text').focus();
});
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('composer-text').focus();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  if (here.channel !== 'home') unread[here.channel] = 0;
  home.refresh();
  refreshSigns();
});
addEventListener('hashchange', arrive);
arrive();
byId('composer-text').focus();
