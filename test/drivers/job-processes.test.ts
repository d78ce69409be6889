import assert from 'node:assert/strict';
import { cgroupOf } from '../../reconcilers/drivers/batch/local/cgroup.ts';
import { isEnvironmentOf } from '../../reconcilers/drivers/batch/local/strays.ts';

describe('the cgroup below which that of a job is made', () => {
  const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
  const BESIDE_V1 = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw';
  const V1 = '35 31 0:30 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory';
  const cases = [
    {
      it: 'is that of the process',
      mounts: V2,
      own: '0::/user.slice/session-3.scope\n',
      is: '/sys/fs/cgroup/user.slice/session-3.scope',
    },
    {
      it: 'is found where version 2 stands beside version 1',
      mounts: `${V1}\n${BESIDE_V1}`,
      own: '4:memory:/x\n0::/\n',
      is: '/sys/fs/cgroup/unified/',
    },
    {
      it: 'is below what a container sees of the tree',
      mounts: '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw',
      own: '0::/docker/abc/job\n',
      is: '/sys/fs/cgroup/job',
    },
    {
      it: 'is none where the process is outside of what is mounted',
      mounts: '30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw',
      own: '0::/docker/abcd\n',
      is: undefined,
    },
    { it: 'is none where the process is above its namespace', mounts: V2, own: '0::/../x\n', is: undefined },
    { it: 'is none where there is only version 1', mounts: V1, own: '4:memory:/x\n', is: undefined },
    { it: 'is none where nothing can be read', mounts: '', own: '', is: undefined },
    {
      it: 'may have a blank in its name',
      mounts: '30 23 0:26 / /mnt/c\\040g rw - cgroup2 cgroup2 rw',
      own: '0::/a\n',
      is: '/mnt/c g/a',
    },
  ];
  for (const { it: title, mounts, own, is } of cases)
    it(title, () => assert.equal(cgroupOf(mounts, own), is));
});

describe('whether an environment is that of a job', () => {
  const JOB = { name: 'r1-abc-1', index: 3 };
  const cases = [
    {
      it: 'is by submission and index',
      environment: 'A=1\0RERECO_SUBMISSION=r1-abc-1\0RERECO_INDEX=3\0',
      is: true,
    },
    {
      it: 'is not of another submission',
      environment: 'RERECO_SUBMISSION=r1-abc-12\0RERECO_INDEX=3\0',
      is: false,
    },
    {
      it: 'is not of another index',
      environment: 'RERECO_SUBMISSION=r1-abc-1\0RERECO_INDEX=30\0',
      is: false,
    },
    { it: 'is not without an index', environment: 'RERECO_SUBMISSION=r1-abc-1\0', is: false },
    {
      it: 'is not by a variable whose name only ends so',
      environment: 'X_RERECO_SUBMISSION=r1-abc-1\0RERECO_INDEX=3\0',
      is: false,
    },
    { it: 'is not when it is empty', environment: '', is: false },
  ];
  for (const { it: title, environment, is } of cases) {
    it(title, () => assert.equal(isEnvironmentOf(environment, JOB), is));
  }
});
