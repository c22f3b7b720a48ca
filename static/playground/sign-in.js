import { signIn } from './api.js';

/** The playground's stand-in for a chat platform's sign-in page: one says who one is, and goes back. */

const asked = new URLSearchParams(location.search);

async function answer(decision) {
  const answered = await signIn({
    ...decision,
    state: asked.get('state') ?? '',
    nonce: asked.get('nonce') ?? '',
    redirectUri: asked.get('redirect_uri') ?? '',
    codeChallenge: asked.get('code_challenge') ?? '',
  });
  if (answered.ok) {
    location.replace(answered.body.url);
    return;
  }
  const trouble = document.getElementById('trouble');
  trouble.textContent = answered.words;
  trouble.hidden = false;
}

for (const button of document.querySelectorAll('[data-person]')) {
  button.addEventListener('click', () => answer({ user: button.dataset.person }));
}
document.getElementById('cancel').addEventListener('click', () => answer({}));
