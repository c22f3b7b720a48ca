/** What authenticates to StackStorm: a user token (`X-Auth-Token`) or an API key (`St2-Api-Key`). One is sent, never both. */
export type Credential =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'apiKey'; readonly apiKey: string };
