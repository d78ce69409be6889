import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SubmissionName } from '../../machines/model.ts';
import { localBatch } from '../../reconcilers/drivers/batch/local/local-batch.ts';
import { behavesLikeABatchSystem } from '../contract/batch-system.ts';
import { endProcessesOf } from '../end-processes.ts';
import { endJobs, localOrder, SCRIPTS } from './local-orders.ts';

describe('the local batch system', () => {
  behavesLikeABatchSystem({
    async open() {
      const top = await mkdtemp(join(tmpdir(), 'rereco-local-'));
      const spool = join(top, 'spool');
      await mkdir(spool);
      const batch = localBatch({ folder: join(spool, 'batch'), slots: 2, graceMs: 500 });
      const names = new Set<SubmissionName>();
      let down = false;
      return {
        batch,
        order(name, work) {
          names.add(name);
          return localOrder(spool, name, SCRIPTS[work]);
        },
        async goDown() {
          await rename(spool, `${spool}.unmounted`);
          down = true;
        },
        async close() {
          if (!down) await endJobs(batch, [...names]);
          await endProcessesOf(top);
          await rm(top, { recursive: true, force: true });
        },
      };
    },
  });
});
