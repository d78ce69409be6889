import assert from 'node:assert/strict';
import { isAlive, lookAtProcess, processIdentity } from '../../reconcilers/drivers/process/identity.ts';
import {
  parseWhereabouts,
  reachOf,
  type Whereabouts,
  whereabouts,
  whereaboutsText,
} from '../../reconcilers/drivers/process/whereabouts.ts';

const HERE: Whereabouts = { machine: 'm1', host: 'node1', boot: 'b1', pidSpace: '4026531836' };
const CONTAINER: Whereabouts = { ...HERE, host: '', pidSpace: '4026532178' };

describe('what can be said here of a process there', () => {
  const cases: readonly {
    readonly it: string;
    readonly there: Whereabouts;
    readonly here?: Whereabouts;
    readonly is: ReturnType<typeof reachOf>['is'];
  }[] = [
    { it: 'looks at a process of the same namespace and boot', there: HERE, is: 'here' },
    {
      it: 'looks at it though the host has another name by now',
      there: { ...HERE, host: 'new' },
      is: 'here',
    },
    {
      it: 'calls another boot of this machine the end',
      there: { ...HERE, boot: 'b0' },
      is: 'before a restart',
    },
    { it: 'knows nothing of another namespace', there: CONTAINER, is: 'unknown' },
    { it: 'knows nothing from within another namespace', there: HERE, here: CONTAINER, is: 'unknown' },
    { it: 'looks within its own container', there: CONTAINER, here: CONTAINER, is: 'here' },
    {
      it: 'knows nothing of another machine',
      there: { ...HERE, machine: 'm2', boot: 'b2' },
      is: 'unknown',
    },
    {
      it: 'knows nothing of another machine id with its own boot',
      there: { ...HERE, machine: 'm2' },
      is: 'unknown',
    },
    {
      it: 'takes no other machine of the same image for this one',
      there: { ...HERE, host: 'node2', boot: 'b2' },
      is: 'unknown',
    },
    {
      it: 'takes no container of the same image elsewhere for one that was started again',
      there: { ...CONTAINER, boot: 'b2' },
      here: CONTAINER,
      is: 'unknown',
    },
    {
      it: 'calls no restart what came from a container of this machine',
      there: { ...CONTAINER, boot: 'b2' },
      is: 'unknown',
    },
    {
      it: 'calls nothing a restart where machines have no id',
      there: { ...HERE, machine: '', boot: 'b2' },
      here: { ...HERE, machine: '' },
      is: 'unknown',
    },
  ];
  for (const { it: title, there, here, is } of cases) {
    it(title, () => assert.equal(reachOf(there, here ?? HERE).is, is));
  }

  it('knows nothing where it cannot read where it runs itself', () => {
    assert.equal(reachOf(HERE, undefined).is, 'unknown');
  });

  it('is written without a colon and read again, whatever a host is called', () => {
    const odd = { ...HERE, host: 'a:b/c@d é' };
    assert.deepEqual(parseWhereabouts(whereaboutsText(odd)), odd);
    assert.ok(!whereaboutsText(odd).includes(':'));
    assert.equal(parseWhereabouts('deada9fc-dffd-4b03-b2e4-6dc94937282b'), undefined);
  });
});

describe('an identity that was written elsewhere', () => {
  const own = async () => (await processIdentity(process.pid)) ?? '';

  it('says nothing of what runs in another namespace under its pid', async () => {
    const there = (await own()).replace(/\/\d+:/, '/1:');
    assert.equal(await isAlive(there), undefined);
    const look = await lookAtProcess(there);
    assert.match(look.is === 'unknown' ? look.why : '', /another PID namespace/);
  });

  it('is read as of this machine in its old form', async () => {
    const [, pid, start] = (await own()).split(':');
    const boot = (await whereabouts())?.boot;
    assert.equal(await isAlive(`${boot}:${pid}:${start}`), true);
    assert.equal(await isAlive(`${boot}:${pid}:${start}0`), false);
    assert.deepEqual(await lookAtProcess(`another-boot:${pid}:${start}`), { is: 'ended', by: 'restart' });
  });
});
