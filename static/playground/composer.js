const kept = 50;

/** The message box: Enter sends, Shift+Enter makes a new line, the up arrow brings back what was sent. */
export function createComposer({ form, input, send }) {
  const sent = [];
  let at = 0;

  const fit = () => {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
  };
  const fill = (text) => {
    input.value = text;
    fit();
    input.focus();
    input.setSelectionRange(text.length, text.length);
  };

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text === '') return;
    fill('');
    sent.push(text);
    sent.splice(0, sent.length - kept);
    at = sent.length;
    const isSent = await send(text);
    if (!isSent && input.value === '') fill(text);
  });
  input.addEventListener('input', fit);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === 'ArrowUp' && (input.value === '' || input.value === sent[at])) {
      if (at === 0) return;
      event.preventDefault();
      at -= 1;
      fill(sent[at]);
    } else if (event.key === 'ArrowDown' && at < sent.length && input.value === sent[at]) {
      event.preventDefault();
      at += 1;
      fill(sent[at] ?? '');
    }
  });
  return { fill };
}
