import assert from 'node:assert/strict';
import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { linkLibraries } from '../../db/server/binaries.ts';
import { serverStatus, stopServer } from '../../db/server/embedded.ts';
import { mountKind, networkFileSystem } from '../../db/server/file-system.ts';
import type { ServerUrl } from '../../db/server/probe.ts';
import { makeSocketFolder, removeSocket, socketFits } from '../../db/server/socket.ts';
import {
  child,
  installation,
  packageWithoutLinks,
  query,
  type Sandbox,
  sandbox,
  soon,
} from '../db/server/helpers.ts';

const ROOT = process.geteuid?.() === 0;
const NOBODY = 65_534;
const NAMELESS = 54_321;

describe('the embedded server, where things are not as usual', () => {
  let clone: Sandbox;
  let module: string;
  let box: Sandbox;
  before(async () => {
    clone = await sandbox();
    module = await installation(clone.root);
  });
  after(() => clone.clear());
  afterEach(() => box.clear());

  /** Ensure a server as an ordinary user, whose home the state folder is in. */
  async function ensureAs(uid: number, below: string) {
    box = await sandbox(join('home', below));
    const home = join(box.root, 'home');
    await mkdir(home);
    if (ROOT) await chown(home, uid, uid);
    return child('ensure', box.state, { module, ...(ROOT && { uid }) });
  }

  it('runs in place for an ordinary user, from packages installed without scripts', async () => {
    const said = await ensureAs(NOBODY, '.rereco');
    assert.equal(said.error, undefined);
    assert.equal((await serverStatus(box.state, soon())).dataDir, join(box.state, 'postgres/data'));
  });

  it('has a short socket folder of its own for a state folder with a long path', async () => {
    const said = await ensureAs(NOBODY, join('deep'.repeat(20), 'deeper'.repeat(20)));
    assert.equal(said.error, undefined);
    const url = said.got as ServerUrl;
    assert.ok(socketFits(url.host));
    assert.equal((await query(url, 'SELECT 1 AS one'))[0]?.one, 1);
    await stopServer(box.state, soon());
    await assert.rejects(stat(url.host), { code: 'ENOENT' });
  });

  it('runs for a user id without a name, or says what to do', async () => {
    const said = await ensureAs(NAMELESS, '.rereco');
    // Where user namespaces are forbidden, as in many containers, a refusal is all there can be.
    if (said.error === undefined) assert.equal((said.got as ServerUrl).database, 'rereco');
    else assert.match(said.error, /no name in \/etc\/passwd.*DATABASE_URL/s);
  });
});

describe('makeSocketFolder', () => {
  let box: Sandbox;
  before(async () => {
    box = await sandbox();
  });
  after(() => box.clear());

  function placeIn(home: string) {
    return { folder: home, home, data: join(home, 'data'), run: join(home, 'run'), log: '', lock: '' };
  }

  it('takes the folder of the place where its path is short enough', async () => {
    const place = placeIn(box.root);
    assert.equal(await makeSocketFolder(place, undefined), place.run);
  });

  it('makes a closed short one else, which goes with the server', async () => {
    const place = placeIn(join(box.root, 'a'.repeat(110)));
    const folder = await makeSocketFolder(place, undefined);
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    assert.ok(socketFits(folder));
    await removeSocket(place, folder);
    await assert.rejects(stat(folder), { code: 'ENOENT' });
  });
});

describe('linkLibraries', () => {
  it('makes the links that npm leaves out without scripts', async () => {
    const box = await sandbox();
    const copy = await packageWithoutLinks(box.root);
    assert.equal(await linkLibraries(copy), true);
    await stat(join(copy, 'native/lib', process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5'));
    await box.clear();
  });
});

describe('networkFileSystem', () => {
  const cases = [
    { it: 'knows NFS', type: 0x6969, mounted: undefined, name: 'NFS' },
    { it: 'knows Lustre', type: 0x0bd00bd0, mounted: undefined, name: 'Lustre' },
    { it: 'knows GPFS', type: 0x47504653, mounted: undefined, name: 'GPFS' },
    { it: 'knows CIFS, also as a negative number', type: 0xff534d42 | 0, mounted: undefined, name: 'CIFS' },
    { it: 'knows sshfs behind FUSE', type: 0x65735546, mounted: 'fuse.sshfs', name: 'fuse.sshfs' },
    { it: 'lets a local disk behind FUSE pass', type: 0x65735546, mounted: 'fuseblk', name: undefined },
    { it: 'lets ext4 pass', type: 0xef53, mounted: undefined, name: undefined },
    { it: 'lets overlayfs pass', type: 0x794c7630, mounted: undefined, name: undefined },
  ];
  for (const c of cases) {
    it(c.it, () => assert.equal(networkFileSystem(c.type, c.mounted), c.name));
  }
});

describe('mountKind', () => {
  const table = [
    '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
    '80 22 0:40 / /home/a rw,nosuid shared:9 - fuse.sshfs far:/ rw',
    '81 22 0:41 / /home/with\\040blank rw - fuseblk /dev/sdb1 rw',
  ].join('\n');

  it('takes the innermost mount a path is on', () => {
    assert.equal(mountKind(table, '/home/a/b'), 'fuse.sshfs');
    assert.equal(mountKind(table, '/home/with blank/b'), 'fuseblk');
  });

  it('does not take a name that only begins alike', () => {
    assert.equal(mountKind(table, '/home/ab'), 'ext4');
  });
});
