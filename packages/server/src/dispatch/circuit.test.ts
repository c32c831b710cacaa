import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Circuit, type CircuitChange, type Pass, type Verdict } from './circuit.ts';

const DELIVERED: Verdict = { kind: 'delivered' };
const REFUSED: Verdict = { kind: 'failed', userId: 'a', isEndpointFault: true, what: 'connect' };
const POISON: Verdict = { kind: 'failed', userId: 'a', isEndpointFault: false, what: 'status 500' };
const AT = { now: 0, random: 0, concurrency: 64 };

/** Refused until it opens. */
function opened(now = 0): Circuit {
  const circuit = new Circuit();
  for (let i = 0; i < 10; i += 1) circuit.ended(circuit.pass(), REFUSED, { ...AT, now });
  assert.equal(circuit.state, 'open');
  return circuit;
}

/** Opened, and one probe delivered. */
function halfOpen(): Circuit {
  const circuit = opened();
  circuit.ended(circuit.pass(), DELIVERED, AT);
  assert.equal(circuit.state, 'half-open');
  return circuit;
}

function fail(circuit: Circuit, now: number, random = 0, retryAfterMs?: number): CircuitChange | undefined {
  const verdict = { ...REFUSED, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return circuit.ended(circuit.pass(), verdict, { ...AT, now, random });
}

describe('Circuit', () => {
  test('closed: all may start, and failures count', () => {
    const circuit = new Circuit();
    assert.deepEqual([circuit.state, circuit.readyAt], ['closed', 0]);
    for (let i = 0; i < 512; i += 1) assert.equal(circuit.pass().isFree, false);
    assert.equal(circuit.readyAt, 0);
  });

  test('opens with the sentence that says why, and waits for half a second to a second', () => {
    const circuit = new Circuit();
    const changes = [0, 300, 600, 900, 1_200].map((now) => circuit.ended(circuit.pass(), REFUSED, { ...AT, now }));
    const detail = '5 attempts failed in a row (users: 1); the last: connect';
    assert.deepEqual(changes.slice(0, 4), Array(4).fill(undefined));
    assert.deepEqual(changes[4], { state: 'open', isNew: true, detail, pauseMs: 500 });
    assert.equal(circuit.readyAt, 1_700);
  });

  test('open: one probe at a time, which is free', () => {
    const circuit = opened(1_000);
    assert.equal(circuit.readyAt, 1_500);
    const probe = circuit.pass();
    assert.deepEqual([probe.isFree, circuit.readyAt], [true, Number.POSITIVE_INFINITY]);
    circuit.giveBack(probe);
    assert.equal(circuit.readyAt, 1_500);
  });

  test('pauses double to a minute, between the half and the whole of it', () => {
    const [shortest, longest] = [0, 1].map((random) => {
      const circuit = opened();
      return Array.from({ length: 8 }, () => fail(circuit, 0, random)?.pauseMs);
    });
    assert.deepEqual(longest, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    assert.deepEqual(shortest, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('a longer Retry-After is honoured up to an hour', () => {
    const circuit = opened();
    assert.deepEqual(
      [90_000, 7_200_000, 1].map((retryAfterMs) => fail(circuit, 0, 0, retryAfterMs)?.pauseMs),
      [90_000, 3_600_000, 4_000],
    );
  });

  test('a person’s word makes the probe due, and pauses begin anew', () => {
    const circuit = opened();
    for (let i = 0; i < 5; i += 1) fail(circuit, 0);
    circuit.hurry(70_000);
    assert.equal(circuit.readyAt, 70_000);
    assert.equal(fail(circuit, 70_000, 1)?.pauseMs, 1_000);
  });

  test('what began before it opened says nothing about it, and counts', () => {
    const circuit = new Circuit();
    const stragglers = Array.from({ length: 30 }, () => circuit.pass());
    for (let i = 0; i < 10; i += 1) circuit.ended(circuit.pass(), REFUSED, AT);
    const [first, ...others] = stragglers as [Pass, ...Pass[]];
    assert.equal(circuit.ended(first, DELIVERED, AT), undefined);
    for (const pass of others) circuit.ended(pass, REFUSED, AT);
    assert.deepEqual([first.isFree, circuit.state, circuit.readyAt], [false, 'open', 500]);
  });

  test('half-open: 1, 2, 4 … at a time, all free, then closed at full concurrency', () => {
    const circuit = halfOpen();
    const sizes: number[] = [];
    let change: CircuitChange | undefined;
    while (circuit.state === 'half-open') {
      const passes: Pass[] = [];
      while (circuit.readyAt === 0) passes.push(circuit.pass());
      assert.ok(passes.every(({ isFree }) => isFree));
      sizes.push(passes.length);
      for (const pass of passes) change = circuit.ended(pass, DELIVERED, AT) ?? change;
    }
    assert.deepEqual(sizes, [1, 2, 4, 8, 16, 32]);
    assert.deepEqual(change, { state: 'closed', isNew: true, detail: '64 at a time are delivered again' });
  });

  test('half-open: closed when nothing waits and nothing runs', () => {
    const circuit = halfOpen();
    const pass = circuit.pass();
    assert.equal(circuit.idle(), undefined);
    circuit.giveBack(pass);
    assert.deepEqual(circuit.idle(), { state: 'closed', isNew: true, detail: 'nothing waits any more' });
    assert.equal(circuit.idle(), undefined);
  });

  test('half-open: five faults in a row open it again, and the pause grows on', () => {
    const circuit = halfOpen();
    const changes = Array.from({ length: 5 }, () => fail(circuit, 0, 1));
    assert.deepEqual(
      changes.map((change) => change?.pauseMs),
      [undefined, undefined, undefined, undefined, 2_000],
    );
    assert.deepEqual([changes[4]?.state, changes[4]?.isNew], ['open', true]);
  });

  test('half-open: an endpoint that fails now and then comes through', () => {
    const circuit = halfOpen();
    for (let i = 0; circuit.state === 'half-open'; i += 1) {
      assert.ok(i < 500);
      circuit.ended(circuit.pass(), i % 5 === 0 ? REFUSED : DELIVERED, AT);
    }
    assert.equal(circuit.state, 'closed');
  });

  test('one user’s event that fails by itself does not open it', () => {
    const circuit = new Circuit();
    for (let i = 0; i < 1_000; i += 1) {
      assert.equal(circuit.ended(circuit.pass(), POISON, { ...AT, now: i * 10 }), undefined);
      if (i % 3 === 0) circuit.ended(circuit.pass(), DELIVERED, { ...AT, now: i * 10 });
    }
  });

  test('one that was not closed before a restart begins with a probe', () => {
    const circuit = new Circuit(false);
    assert.deepEqual([circuit.state, circuit.readyAt <= 0], ['open', true]);
    assert.equal(circuit.pass().isFree, true);
    assert.equal(circuit.readyAt, Number.POSITIVE_INFINITY);
  });

  test('whatever happens: open has one probe out, half-open no more than it had deliveries; free is what was not begun closed', () => {
    const steps = fc.array(
      fc.record({
        verb: fc.constantFrom('start', 'deliver', 'refuse', 'poison', 'back', 'idle', 'wait'),
        which: fc.nat(),
      }),
      { maxLength: 300, size: 'max' },
    );
    const property = fc.property(
      steps,
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (list, concurrency, wasClosed) => {
        const circuit = new Circuit(wasClosed);
        const out: Pass[] = [];
        let now = 0;
        let delivered = 0;
        for (const { verb, which } of list) {
          if (verb === 'wait') now += which % 90_000;
          else if (verb === 'idle') circuit.idle();
          else if (verb === 'start') {
            if (circuit.readyAt <= now && out.length < 600) out.push(circuit.pass());
          } else if (out.length > 0) {
            const [pass] = out.splice(which % out.length, 1) as [Pass];
            const before = circuit.state;
            const verdicts = { deliver: DELIVERED, refuse: REFUSED, poison: { ...POISON, userId: String(which % 7) } };
            if (verb === 'back') circuit.giveBack(pass);
            else {
              const change = circuit.ended(pass, verdicts[verb], { now, random: (which % 10) / 10, concurrency });
              assert.equal(change?.state ?? before, circuit.state);
              if (change?.state === 'open') assert.ok((change.pauseMs ?? 0) >= 500 && (change.pauseMs ?? 0) <= 60_000);
            }
            if (before !== 'half-open') delivered = 0;
            else if (verb === 'deliver') delivered += 1;
          }
          const free = out.filter(({ isFree }) => isFree).length;
          if (circuit.state === 'open')
            assert.equal(circuit.readyAt === Number.POSITIVE_INFINITY, hasOut(circuit, out));
          if (circuit.state === 'half-open' && circuit.readyAt === 0) assert.ok(ofNow(out).length <= delivered + 1);
          assert.ok(free <= out.length);
        }
      },
    );
    fc.assert(property);
  });
});

/** Passes of the newest era. */
function ofNow(out: readonly Pass[]): readonly Pass[] {
  const era = Math.max(...out.map((pass) => pass.era));
  return out.filter((pass) => pass.era === era);
}

/** Whether a probe of this very phase is out: a new pass tells the era. */
function hasOut(circuit: Circuit, out: readonly Pass[]): boolean {
  const { era, ...rest } = circuit.pass();
  circuit.giveBack({ era, ...rest });
  return out.some((pass) => pass.era === era);
}
