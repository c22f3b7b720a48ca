import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';
import type { Context } from 'hono';
import { z } from 'zod';

/** Where a request comes from, as far as it can be believed (S5). */
export interface Client {
  /** The client's address; of the peer itself where the peer is not one of our proxies. */
  readonly address: string;
  /** By the socket, or by the word of a trusted proxy. */
  readonly isHttps: boolean;
  readonly isLoopback: boolean;
}

/** The end of the connection that a request came on. */
interface Peer {
  readonly address: string;
  readonly encrypted: boolean;
}

const nodeEnv = z.object({
  incoming: z.object({
    socket: z.object({ remoteAddress: z.string().optional(), encrypted: z.boolean().optional() }),
  }),
});

/**
 * An entry of `trustedProxies`: whoever connects over a Unix socket. Only for a listener that has no other address, since
 * all that can be seen of such a peer is that it has none. The socket's mode says who may connect.
 */
export const unixPeer = 'unix:';

/**
 * Tells clients apart. `X-Forwarded-For` and `X-Forwarded-Proto` count only where the peer is in `trustedProxies`
 * (addresses and CIDR ranges): the client is the right-most address that is not itself a trusted proxy's, because only
 * what our proxies appended can be believed. `Forwarded` never counts: a proxy that does not know it passes a client's
 * own through. Throws RangeError where an entry is neither an address nor a range.
 */
export function createClientAddress(trustedProxies: readonly string[]): (c: Context) => Client {
  const trusted = blockList(trustedProxies.filter((entry) => entry !== unixPeer));
  const trustsUnix = trustedProxies.includes(unixPeer);
  return (c) => {
    const peer = peerOf(c, trustsUnix ? unixPeer : 'unknown');
    const isTrusted = peer.address === unixPeer || contains(trusted, peer.address);
    const address = isTrusted
      ? forwardedFor(c.req.header('x-forwarded-for'), peer.address, trusted)
      : peer.address;
    const isForwardedHttps = isTrusted && lastOf(c.req.header('x-forwarded-proto')) === 'https';
    return {
      address,
      isHttps: peer.encrypted || isForwardedHttps,
      isLoopback: address === '::1' || (isIPv4(address) && address.startsWith('127.')),
    };
  };
}

/**
 * Whether what a request says of a client's certificate was said by our own proxy: over the Unix socket, or from an
 * address of `trustedProxies` with the right `X-Proxy-Secret`. An address alone does not do, since on loopback every
 * process has it. Throws RangeError as {@link createClientAddress} does.
 */
export function createProxyProof(
  trustedProxies: readonly string[],
  secret: string | undefined,
): (c: Context) => boolean {
  const trusted = blockList(trustedProxies.filter((entry) => entry !== unixPeer));
  const trustsUnix = trustedProxies.includes(unixPeer);
  const expected = secret === undefined ? undefined : digest(secret);
  return (c) => {
    const peer = peerOf(c, trustsUnix ? unixPeer : 'unknown');
    if (peer.address === unixPeer) return true;
    const shown = c.req.header('x-proxy-secret');
    if (expected === undefined || shown === undefined || !contains(trusted, peer.address)) return false;
    return timingSafeEqual(digest(shown), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** @param unnamed what a peer without an address is called: one on a Unix socket, or one that has gone */
function peerOf(c: Context, unnamed: string): Peer {
  const env = nodeEnv.safeParse(c.env);
  if (!env.success) return { address: 'unknown', encrypted: false };
  const { remoteAddress, encrypted } = env.data.incoming.socket;
  const address = remoteAddress === undefined ? unnamed : (plainAddress(remoteAddress) ?? 'unknown');
  return { address, encrypted: encrypted === true };
}

/** From right to left, over every trusted proxy; what is no address ends what can be believed. */
function forwardedFor(header: string | undefined, peer: string, trusted: BlockList): string {
  let believed = peer;
  for (const entry of (header ?? '').split(',').reverse()) {
    const address = plainAddress(entry.trim());
    if (address === undefined) return believed;
    believed = address;
    if (!contains(trusted, address)) return believed;
  }
  return believed;
}

function lastOf(header: string | undefined): string | undefined {
  return header?.split(',').at(-1)?.trim().toLowerCase();
}

/** An address without port, brackets or zone; IPv4 that is written as IPv6 (`::ffff:192.0.2.1`) as IPv4. */
function plainAddress(text: string): string | undefined {
  const bare = /^\[(.+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const address = bare.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? undefined : address.toLowerCase();
}

function contains(list: BlockList, address: string): boolean {
  if (list.rules.length === 0) return false;
  if (isIPv4(address)) return list.check(address, 'ipv4');
  return isIPv6(address) && list.check(address, 'ipv6');
}

function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [text = '', prefix, ...rest] = entry.split('/');
    const address = plainAddress(text);
    if (address === undefined || rest.length > 0) throw notARange(entry);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) {
      list.addAddress(address, family);
      continue;
    }
    const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (!(bits <= (family === 'ipv4' ? 32 : 128))) throw notARange(entry);
    list.addSubnet(address, bits, family);
  }
  return list;
}

function notARange(entry: string): RangeError {
  return new RangeError(`"${entry}" is neither an IP address nor a CIDR range`);
}
