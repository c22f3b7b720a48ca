/**
 * The address of a proxy, empty where there is none; with a scheme, as curl adds it. Throws TypeError for what is no
 * http(s) address, without repeating it: it may hold a password.
 */
export function proxyAddress(name: string, value: string | undefined): string {
  const given = value?.trim() ?? '';
  if (given === '') return '';
  const address = given.includes('://') ? given : `http://${given}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
    throw new TypeError(`${name} is not the address of an http or https proxy`);
  }
  return address;
}
