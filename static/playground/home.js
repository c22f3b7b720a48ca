import { home } from './api.js';
import { el } from './element.js';
import { renderParts } from './parts.js';

/** The bot's own page, as Slack shows it in an app's Home tab. */
export function createHome({ element, onPress, onTrouble }) {
  let person;
  let search = '';
  let asked = 0;

  const searchBox = (part) => {
    const input = el('input', {
      type: 'search',
      id: 'home-search',
      value: search,
      maxLength: 200,
      autocomplete: 'off',
    });
    const form = el(
      'form',
      { className: 'search' },
      el('label', { htmlFor: 'home-search' }, part.label),
      el(
        'div',
        { className: 'search-row' },
        input,
        el('button', { type: 'submit', className: 'button' }, 'Search'),
      ),
    );
    form.setAttribute('role', 'search');
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      search = input.value;
      await load();
      element.querySelector('#home-search')?.focus();
    });
    return form;
  };

  /** Of several answers under way, the newest is shown. */
  const load = async () => {
    asked += 1;
    const mine = asked;
    const { ok, words, body } = await home(person, search.trim());
    if (mine !== asked) return;
    onTrouble(ok ? '' : words);
    if (!ok) return;
    const parts = body.blocks.flatMap((part) =>
      part.type === 'search' ? [searchBox(part)] : renderParts({ text: '', blocks: [part] }, onPress),
    );
    element.replaceChildren(...parts);
  };

  return {
    show(nextPerson) {
      if (nextPerson !== person) search = '';
      person = nextPerson;
      element.replaceChildren();
      return load();
    },
    /** Something may have changed; what somebody types meanwhile stays. */
    refresh() {
      if (element.hidden || element.querySelector('#home-search') === document.activeElement) return;
      void load();
    },
    hide() {
      asked += 1;
      element.replaceChildren();
    },
  };
}
