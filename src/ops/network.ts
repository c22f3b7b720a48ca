import { isIPv6 } from 'node:net';

/**
 * Who counts as one guesser: an IPv4 address, or an IPv6 network of 64 bits, because a single customer has all of its
 * addresses (RFC 6177 section 2). Anything else counts as itself.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [head = [], tail = []] = groups.map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return `${[...head, ...zeros, ...tail].slice(0, 4).join(':')}::/64`;
}
