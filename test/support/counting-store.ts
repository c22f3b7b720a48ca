import type { Store } from '../../src/storage/store.ts';

/** What a store was asked, in order: the method and the kind of row, such as `replace session`. */
export interface Counting {
  readonly store: Store;
  readonly asked: string[];
  /** Those of them that may change something. */
  writes(): string[];
}

/** A store in front of another one, that tells what it was asked. */
export function counting(store: Store): Counting {
  const asked: string[] = [];
  const tell = (method: string, key: string) => {
    const [kind = '', name = ''] = key.split(':');
    asked.push(`${method} ${kind === 'limit' ? name : kind}`);
    return store;
  };
  return {
    asked,
    writes: () => asked.filter((one) => !/^(?:get|scan) /u.test(one)),
    store: {
      get: (key) => tell('get', key).get(key),
      set: (key, value, ttl) => tell('set', key).set(key, value, ttl),
      delete: (key) => tell('delete', key).delete(key),
      take: (key) => tell('take', key).take(key),
      add: (key, value, ttl) => tell('add', key).add(key, value, ttl),
      replace: (key, expected, value, ttl) => tell('replace', key).replace(key, expected, value, ttl),
      rewrite: (key, expected, value) => tell('rewrite', key).rewrite(key, expected, value),
      scan: (prefix) => tell('scan', prefix).scan(prefix),
      ping: () => store.ping(),
      close: () => store.close(),
    },
  };
}
