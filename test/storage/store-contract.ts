import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Store, StoreError } from '../../src/storage/store.ts';

/** A fresh, empty store, and a way to let its time pass. */
export interface Harness {
  readonly store: Store;
  /** A second connection to the same rows. */
  second(): Promise<Store>;
  /** Lets `ms` of the store's own time pass. */
  elapse(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Long enough for what stands between two looks, short enough to wait for in a real clock. */
const lifetime = 700;

/** What every driver of the Store promises; the same tests run against each. */
export function storeContract(
  name: string,
  open: () => Promise<Harness>,
  options: { skip?: string } = {},
): void {
  const check = (title: string, body: (harness: Harness) => Promise<void>) =>
    test(`${name}: ${title}`, options, async () => {
      const harness = await open();
      try {
        await body(harness);
      } finally {
        await harness.close();
      }
    });

  check('set, get, delete', async ({ store }) => {
    assert.equal(await store.get('a'), undefined);
    await store.set('a', '1');
    assert.equal(await store.get('a'), '1');
    await store.set('a', '2');
    assert.equal(await store.get('a'), '2');
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
    await store.delete('a');
  });

  check(
    'take gets and deletes, add only where nothing is, replace only what is expected',
    async ({ store }) => {
      assert.equal(await store.take('a'), undefined);
      assert.equal(await store.add('a', '1'), true);
      assert.equal(await store.add('a', '2'), false);
      assert.equal(await store.replace('a', '2', '3'), false);
      assert.equal(await store.replace('a', '1', '3'), true);
      assert.equal(await store.replace('b', '1', '3'), false);
      assert.equal(await store.replace('a', '3', '3'), true);
      assert.equal(await store.take('a'), '3');
      assert.equal(await store.take('a'), undefined);
    },
  );

  check('what is asked in one tick is answered in its order', async ({ store }) => {
    await store.set('a', '1');
    const reads = [store.get('a'), store.get('a')];
    const write = store.set('a', '2');
    const after = [store.get('a'), store.get('a')];
    const taken = store.take('a');
    const last = store.get('a');
    await write;
    assert.deepEqual(await Promise.all(reads), ['1', '1']);
    assert.deepEqual(await Promise.all(after), ['2', '2']);
    assert.equal(await taken, '2');
    assert.equal(await last, undefined);
  });

  check('an expired row is none: to get, take, add, replace and scan', async ({ store, elapse }) => {
    for (const key of ['get', 'take', 'add', 'replace', 'scan']) await store.set(key, 'old', lifetime);
    assert.equal(await store.get('get'), 'old');
    assert.equal(await store.add('add', 'new'), false);
    await elapse(lifetime);
    assert.equal(await store.get('get'), undefined);
    assert.equal(await store.take('take'), undefined);
    assert.equal(await store.replace('replace', 'old', 'new'), false);
    assert.equal(await store.add('add', 'new'), true);
    assert.equal(await store.get('add'), 'new');
    const left = [];
    for await (const { key } of store.scan('')) left.push(key);
    assert.deepEqual(left, ['add']);
  });

  check('set, add and replace begin a new lifetime, or none', async ({ store, elapse }) => {
    await store.set('set', '1', lifetime);
    await store.set('set', '2');
    await store.add('replace', '1', lifetime);
    await store.replace('replace', '1', '2', 60_000);
    await store.add('short', '1');
    await store.replace('short', '1', '1', lifetime);
    await elapse(lifetime);
    assert.equal(await store.get('set'), '2');
    assert.equal(await store.get('replace'), '2');
    assert.equal(await store.get('short'), undefined);
  });

  check('rewrite replaces only what is expected, and leaves the end as it was', async ({ store, elapse }) => {
    assert.equal(await store.rewrite('none', '1', '2'), false);
    await store.set('for ever', '1');
    await store.set('short', '1', lifetime);
    assert.equal(await store.rewrite('short', 'x', '2'), false);
    for (const key of ['for ever', 'short']) assert.equal(await store.rewrite(key, '1', '2'), true);
    assert.equal(await store.get('short'), '2');
    await elapse(lifetime);
    assert.equal(await store.get('for ever'), '2');
    assert.equal(await store.get('short'), undefined);
    assert.equal(await store.rewrite('short', '2', '3'), false);
  });

  check('a lifetime of nothing ends at once; one that is no number is refused', async ({ store, elapse }) => {
    assert.equal(await store.add('a', '1', -5), true);
    await elapse(1);
    assert.equal(await store.get('a'), undefined);
    await assert.rejects(store.set('a', '1', Number.NaN), RangeError);
    await assert.rejects(store.add('a', '1', Number.POSITIVE_INFINITY), RangeError);
  });

  check('keys that a database could confuse are refused, others are exact', async ({ store }) => {
    for (const key of ['', 'ключ', 'a\nb', 'x'.repeat(513), '\ud800']) {
      await assert.rejects(store.get(key), RangeError);
      await assert.rejects(store.add(key, '1'), RangeError);
    }
    const keys = ['a', 'A', 'a ', "a'b", 'a%', 'a_', 'a*', 'a[b]', 'a?', '1', '01', 'null', '{"a":1}', ':a'];
    for (const key of keys) assert.equal(await store.add(key, `value of ${key}`), true, key);
    for (const key of keys) assert.equal(await store.take(key), `value of ${key}`, key);
  });

  check('any text comes back as it was, and replace compares all of it', async ({ store }) => {
    const texts = [
      '',
      ':x',
      '\0',
      'a\0b',
      '\ud800',
      '\ud800\udc00 \u2028',
      '"',
      '\\u0000',
      '{"value":"x"}',
      '1',
    ];
    for (const text of texts) {
      await store.set('a', text);
      assert.equal(await store.get('a'), text);
      assert.equal(await store.replace('a', `${text}x`, 'no'), false);
      assert.equal(await store.replace('a', text, `${text}x`), true);
      assert.equal(await store.replace('a', text, 'no'), false);
      assert.equal(await store.take('a'), `${text}x`);
    }
    const large = 'x'.repeat(1_000_000);
    await store.set('large', large);
    assert.equal(await store.replace('large', large, `${large}y`), true);
    assert.equal((await store.get('large'))?.length, 1_000_001);
  });

  check('scan gives each row of the prefix once, by key, whatever the number', async ({ store }) => {
    const keys = Array.from({ length: 450 }, (_, index) => `s:${String(index).padStart(4, '0')}`);
    await Promise.all([...keys, 's', 't:1', 'S:1', 's*:1', 's:'].map((key) => store.set(key, `v${key}`)));
    const found = [];
    for await (const { key, value } of store.scan('s:')) {
      assert.equal(value, `v${key}`);
      found.push(key);
    }
    assert.deepEqual(found, ['s:', ...keys]);
    const none = [];
    for await (const row of store.scan('s?')) none.push(row);
    assert.deepEqual(none, []);
  });

  check(
    'of 50 parallel take, add, replace on one key, one wins: 30 rounds on two connections',
    async (harness) => {
      const stores = [harness.store, await harness.second()];
      const parallel = <T>(ask: (store: Store, index: number) => Promise<T>): Promise<T[]> =>
        Promise.all(Array.from({ length: 50 }, (_, index) => ask(stores[index % 2] ?? harness.store, index)));
      for (let round = 0; round < 30; round += 1) {
        const key = `k${round}`;
        const added = await parallel((store, index) => store.add(key, `a${index}`));
        assert.equal(added.filter(Boolean).length, 1);
        const first = `a${added.indexOf(true)}`;
        const replaced = await parallel((store, index) => store.replace(key, first, `r${index}`));
        assert.equal(replaced.filter(Boolean).length, 1);
        const second = `r${replaced.indexOf(true)}`;
        const taken = await parallel((store) => store.take(key));
        assert.deepEqual(
          taken.filter((value) => value !== undefined),
          [second],
        );
      }
    },
  );

  check('what another connection did is seen by the next get, always', async (harness) => {
    const { store } = harness;
    const other = await harness.second();
    for (let round = 0; round < 200; round += 1) {
      await other.set('session', `live ${round}`);
      assert.equal(await store.get('session'), `live ${round}`);
      assert.equal(await store.get('session'), `live ${round}`);
      await store.add(`claim ${round}`, '1');
      await (round % 2 === 0 ? other.delete('session') : other.replace('session', `live ${round}`, 'ended'));
      assert.equal(await store.get('session'), round % 2 === 0 ? undefined : 'ended');
    }
  });

  check('what is asked in order on one key is done in order, without waiting', async ({ store }) => {
    await store.set('a', '0');
    await store.get('a');
    await store.get('a');
    const asked = [
      store.set('a', '1'),
      store.get('a'),
      store.replace('a', '1', '2'),
      store.get('a'),
      store.add('a', '3'),
      store.take('a'),
      store.get('a'),
      store.add('a', '4'),
      store.get('a'),
      store.delete('a'),
      store.get('a'),
    ];
    const expected = [undefined, '1', true, '2', false, '2', undefined, true, '4', undefined, undefined];
    assert.deepEqual(await Promise.all(asked), expected);
  });

  check('a read that is under way does not hide the write behind it', async ({ store }) => {
    for (const write of [
      () => store.set('a', '2'),
      () => store.replace('a', '1', '2'),
      () => store.take('a').then(() => store.add('a', '2')),
    ]) {
      await store.set('a', '1');
      const [read] = await Promise.all([store.get('a'), write()]);
      assert.equal(read, '1');
      assert.equal(await store.get('a'), '2');
      await store.delete('a');
    }
  });

  check('after close nothing is answered', async ({ store }) => {
    const last = store.add('a', '1');
    await store.close();
    assert.equal(await last, true);
    for (const asked of [store.get('a'), store.set('a', '2'), store.take('a'), store.ping()]) {
      await assert.rejects(asked, (error) => error instanceof StoreError && error.code === 'unavailable');
    }
    await store.close();
  });

  check('behaves as a Map does, for any sequence of operations', async ({ store }) => {
    const key = fc.constantFrom('a', 'b', 'c');
    const value = fc.constantFrom('1', '2', '3');
    const step = fc.oneof(
      fc.record({ do: fc.constant('get' as const), key }),
      fc.record({ do: fc.constant('set' as const), key, value }),
      fc.record({ do: fc.constant('delete' as const), key }),
      fc.record({ do: fc.constant('take' as const), key }),
      fc.record({ do: fc.constant('add' as const), key, value }),
      fc.record({ do: fc.constant('replace' as const), key, expected: value, value }),
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, fc.boolean()), { maxLength: 25 }), async (steps) => {
        run += 1;
        const model = new Map<string, string>();
        const waiting: Promise<void>[] = [];
        for (const [asked, wait] of steps) {
          const own = `${run}:${asked.key}`;
          const stood = model.get(asked.key);
          const expect = (promise: Promise<unknown>, answer: unknown): void => {
            waiting.push(promise.then((found) => assert.deepEqual(found, answer)));
          };
          if (asked.do === 'get') expect(store.get(own), stood);
          if (asked.do === 'take') expect(store.take(own), stood);
          if (asked.do === 'delete') expect(store.delete(own), undefined);
          if (asked.do === 'delete' || asked.do === 'take') model.delete(asked.key);
          if (asked.do === 'set') expect(store.set(own, asked.value), undefined);
          if (asked.do === 'add') expect(store.add(own, asked.value), stood === undefined);
          if (asked.do === 'replace') {
            expect(store.replace(own, asked.expected, asked.value), stood === asked.expected);
          }
          const writes =
            asked.do === 'set' ||
            (asked.do === 'add' && stood === undefined) ||
            (asked.do === 'replace' && stood === asked.expected);
          if (writes) model.set(asked.key, asked.value);
          if (wait) await Promise.all(waiting.splice(0));
        }
        await Promise.all(waiting);
      }),
      { numRuns: 60 },
    );
  });
}
