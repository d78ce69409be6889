import assert from 'node:assert/strict';
import { dataFolders } from '../../specs/data-folders.ts';
import { aDataset, aSite, type SpecFolder, specFolder } from './folder.ts';

describe('dataFolders', () => {
  let folder: SpecFolder;
  afterEach(() => folder.drop());
  const below = async (files: Readonly<Record<string, string>>) => {
    folder = await specFolder(files);
    const folders = dataFolders(await folder.load());
    return folders
      .map((one) => one.replace(`${folder.path}/`, ''))
      .filter((one) => !one.startsWith('.state'));
  };

  it('knows the folders of inputs and outputs where the store is the folder of the spec, but not that', async () => {
    const outputs = '{dst: {path: "dst/{run}"}, tmb: {}}';
    const archive = '{path: "logs/{requestId}"}';
    assert.deepEqual(await below({ 'a.yaml': aDataset({ outputs, archive }) }), ['dst', 'logs', 'raw']);
  });

  it('knows the roots of stores and the spool of a site', async () => {
    const site = aSite({ spool: '{path: spool}' }, 'here');
    const found = await below({ 'a.yaml': `${site}---\n${aDataset({ site: 'here' })}` });
    assert.deepEqual(found, ['disk', 'disk/logs', 'disk/raw', 'far', 'far/logs', 'far/raw', 'spool']);
  });

  it('leaves out a root that holds specs, also broken ones', async () => {
    const files = {
      'site.yaml': aSite({}, 'here'),
      'disk/a.yaml': aDataset({ site: 'here' }),
      'far/b.yaml': 'kind: Dataset',
    };
    assert.deepEqual(await below(files), ['disk/logs', 'disk/raw', 'far/logs', 'far/raw']);
  });
});
