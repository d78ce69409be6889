/** Events are counted, and logs read, by one dialect in one locale, wherever a spec has an expression. */
import assert from 'node:assert/strict';
import type { World } from '../campaign/world.ts';
import { aSmallWorld, smallSpec } from './small.ts';

describe('a spec with the same expressions in every place', function () {
  this.timeout(600_000);
  let world: World;
  before(async () => {
    const event = '"^event[[:space:]]+[[:digit:]]{6}$"';
    const spec = smallSpec({
      input: `files: "raw/*.txt", eventCount: {pattern: ${event}}`,
      job: `command: "cp {input} {output.dst}; echo 'FATAL   ORA-01017 on host7'; exit 9", failures: [{log: "^FATAL[[:space:]]+ORA-[[:digit:]]+", class: data, system: calibration-db}]`,
    });
    world = await aSmallWorld({ 'a.txt': 3 }, spec);
  });
  after(() => world.close());

  it('counts by a class of POSIX and classes a failure by it', async () => {
    assert.equal((await world.rereco('reconcile', '--until', 'settled')).code, 3);
    const rows = await world.rows<{ class: string; events: number }>(
      'SELECT s.class, d.event_count::int AS events FROM input_states s JOIN file_details d ON d.id = s.file_id',
    );
    assert.deepEqual(rows, [{ class: 'data', events: 3 }]);
  });

  it('refuses what grep has not, and says what to write', async () => {
    const spec = smallSpec({ job: 'command: x, failures: [{log: "ORA-\\\\d+", class: outage}]' });
    await world.write('small.yaml', spec);
    const { code, err, out } = await world.rereco('validate');
    assert.equal(code, 2);
    assert.match(out + err, /failures\[0\]\.log: ORA-\\d\+ uses \\d, .* write a class such as \[0-9\]/);
  });

  it('says which dialect and locale it has', async () => {
    for (const field of ['job.failures.log', 'input.eventCount', 'outputs.dst.eventsWritten']) {
      const { out } = await world.rereco('explain', `spec.${field}`);
      assert.match(out.replace(/\s+/g, ' '), /LC_ALL=C grep -E/, field);
    }
  });
});
