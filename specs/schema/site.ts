import { type DriverPort, driversOf } from '../drivers.ts';
import { head, metadata } from './dataset.ts';
import { driverFields } from './drivers.ts';
import {
  type ChangeClass,
  choice,
  flag,
  folder,
  group,
  groups,
  list,
  quantity,
  type Schema,
  text,
  whole,
} from './field.ts';
import { BATCH_OPTIONS, RESOURCES } from './job.ts';
import { LIMITS } from './limits.ts';

function driver(port: DriverPort, change: ChangeClass, description: string, more: Schema = {}): Schema {
  return choice(change, driversOf(port), description, more);
}

const STORE: Schema = group(
  'Something that holds files and can be asked about them.',
  {
    driver: driver('store', 'next submission', 'How the store is spoken to.'),
    root: text(
      'next submission',
      'The folder all its paths are below; for posix relative to the spec. It is never made: one that is not there is a disk that is not mounted.',
    ),
    keepFree: quantity(
      'in place',
      'size',
      'Space left free: submission stops while outputs still to come would pass it.',
      { default: 0 },
    ),
    deleteProof: choice(
      'in place',
      ['size', 'checksum', 'readBack'],
      'What proves a copy here before another is deleted. Default: the strongest the driver can give.',
    ),
    callsPerMinute: whole('in place', 'Calls to the store in a minute at most. Default: no limit.'),
    ...driverFields('store'),
  },
  { required: ['driver', 'root'] },
);

const MOVER: Schema = group(
  'A way by which files go from one store to another.',
  {
    from: text(
      'next submission',
      "The store files come from, or catalog where the catalog's system delivers by itself.",
    ),
    to: text('next submission', 'The store files go to.'),
    driver: driver('mover', 'next submission', 'What moves them.'),
    path: folder(
      'next submission',
      'Template of the folder at the source, for files whose catalog entry names no location there.',
      { default: '' },
    ),
    filesPerSubmission: whole('next submission', 'Files a submission takes at most.', { default: 50 }),
    ...driverFields('mover'),
  },
  { required: ['from', 'to', 'driver'] },
);

const BATCH: Schema = group(
  'The batch system.',
  {
    driver: driver('batch', 'next submission', 'How the batch system is spoken to.', { default: 'local' }),
    maxQueued: whole('in place', 'Jobs queued or running at a time, over all datasets of the site.', {
      default: 1000,
    }),
    options: BATCH_OPTIONS,
    ...driverFields('batch'),
  },
  { default: {} },
);

const CATALOG: Schema = group(
  'The file catalog.',
  {
    driver: driver('catalog', 'next submission', 'How the catalog is spoken to.', { default: 'embedded' }),
    timeout: quantity('in place', 'time', 'How long one call may take.', { default: '60s' }),
    ...driverFields('catalog'),
  },
  { default: {} },
);

const SPOOL: Schema = group(
  'The folder in which scripts, logs and reports of jobs live until they are archived; worker nodes see it too.',
  {
    path: text(
      'next submission',
      "The folder, relative to the spec. Default: spool in the program's own folder.",
    ),
    keepFree: quantity('in place', 'size', 'Space left free: submission stops below it.', { default: 0 }),
  },
  { default: {} },
);

const SCRUB: Schema = group(
  'Looks again at the bytes of accepted outputs, and of far copies whose output was deleted here. Default: only their sizes are looked at. Files that are not on disk are never read; a store that keeps checksums is asked for them.',
  {
    every: quantity('in place', 'time', 'How long after the last look.', { default: '30d' }),
    bytesPerDay: quantity(
      'in place',
      'size',
      'Bytes read for it on one day at most, over all datasets of the site; a larger file has a day of its own.',
      { default: '500GB' },
    ),
  },
);

/** The same fields without their defaults: what a site leaves open, its datasets' own defaults decide. */
function open(schema: Schema, description: string): Schema {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]): [string, Schema] => {
    const { default: _, ...rest } = field;
    return [name, field.properties === undefined ? rest : open(rest, field.description ?? '')];
  });
  const { default: _, ...rest } = schema;
  return { ...rest, description, properties: Object.fromEntries(fields) };
}

const SPEC: Schema = group('The systems of the site.', {
  spool: SPOOL,
  stores: groups("The stores by name. Default: one posix store, disk, at the spec's folder.", STORE, {
    minProperties: 1,
    default: { disk: { driver: 'posix', root: '.' } },
  }),
  movers: list('next submission', MOVER, 'Ways between the stores; the first that fits is taken.', {
    default: [],
  }),
  batch: BATCH,
  catalog: CATALOG,
  limits: open(LIMITS, 'Limits of datasets that do not give their own.'),
  resources: open(RESOURCES, 'What one job may use where its dataset does not say.'),
  unknownAfter: quantity(
    'in place',
    'time',
    'How long no system may say anything clear of a job or transfer in motion before a person is told, who can end it by `rereco settle`.',
    { default: '24h' },
  ),
  scrub: SCRUB,
  embeddedDatabase: flag(
    'in place',
    'Whether the embedded PostgreSQL is used although not every driver is an embedded one.',
    { default: false },
  ),
});

/** The JSON Schema of a document of kind `Site`. */
export const SITE: Schema = group(
  'A site: stores, the movers between them, the batch system, the catalog, and their limits.',
  { ...head('Site', metadata('site')), spec: SPEC },
  { required: ['apiVersion', 'kind', 'metadata', 'spec'] },
);
