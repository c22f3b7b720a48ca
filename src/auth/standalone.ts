import type { BotCredential, StackStorm } from '../stackstorm/stackstorm.ts';
import type { Auth } from './auth.ts';

/** Everyone runs with the bot credential; its StackStorm user is asked of StackStorm once for each credential (S10). */
export function createStandaloneAuth(
  botCredential: BotCredential,
  stackstorm: Pick<StackStorm, 'user'>,
): Auth {
  let known: { readonly credential: string; readonly stackstormUser: string } | undefined;
  return {
    mode: 'standalone',
    async credentialFor() {
      return botCredential.use(async (credential) => {
        const value = credential.kind === 'token' ? credential.token : credential.apiKey;
        if (known !== undefined && known.credential === value) {
          return { kind: 'granted', credential, stackstormUser: known.stackstormUser };
        }
        const { username } = await stackstorm.user(credential);
        known = { credential: value, stackstormUser: username };
        return { kind: 'granted', credential, stackstormUser: username };
      });
    },
    async rejected() {
      known = undefined;
      // `use` renews the credential where StackStorm no longer takes it.
      await botCredential.use((credential) => stackstorm.user(credential));
    },
  };
}
