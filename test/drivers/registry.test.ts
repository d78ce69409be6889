import assert from 'node:assert/strict';
import { driversMissing } from '../../reconcilers/drivers/registry.ts';
import { aSite } from '../spec-builders.ts';

const mover = (from: string, driver: string) => ({
  from,
  to: 'disk',
  driver,
  path: '',
  filesPerSubmission: 1,
  options: {},
});

describe('driversMissing', () => {
  it('says nothing of a site whose drivers are all there', () => {
    assert.deepEqual(driversMissing(aSite({ movers: [mover('far', 'copy')] })), []);
  });

  it('names every driver that this version does not have, also of movers from the catalog', () => {
    const site = aSite({
      batch: { driver: 'bqs', maxQueued: 1, options: {} },
      movers: [mover('far', 'bbftp'), mover('catalog', 'sam'), mover('catalog', 'copy')],
    });
    assert.deepEqual(driversMissing(site), [
      'mover far>disk: this version has no driver bbftp for it; it has copy',
      'mover catalog>disk: this version has no driver sam for it; it has none',
      'mover catalog>disk: this version has no driver copy for it; it has none',
      'batch: this version has no driver bqs for it; it has local',
    ]);
  });
});
