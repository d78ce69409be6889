/** The fields of stores, movers, batch systems and catalogs that only some drivers read. */
import { DRIVERS, type DriverPort } from '../drivers.ts';
import { group, list, quantity, type Schema, text, whole } from './field.ts';
import { MANIFEST_FIELDS, QUERY } from './input.ts';

const WORD: Schema = { type: 'string', minLength: 1, description: 'One word.' };

const CREDENTIAL: Schema = group(
  'A credential, by the file or the variable that holds it; never the secret itself.',
  {
    x509: text('in place', 'The file of an X.509 proxy or certificate.'),
    file: text('in place', 'A file with a token, password or key.'),
    env: text('in place', 'The environment variable with a token or password.'),
    minLife: quantity('in place', 'time', 'Warn when it is valid for less than this.'),
  },
);

const STAGING: Schema = group('How much is brought from tape at a time.', {
  bytes: quantity('in place', 'size', 'Bytes being staged at a time.'),
  files: whole('in place', 'Files being staged at a time.'),
  timeout: quantity('in place', 'time', 'Ask again for a file that has not come after this long.'),
});

/** Every field that only some drivers read. */
const FIELDS: Readonly<Record<string, Schema>> = {
  arraySize: whole('next submission', 'Jobs a submission takes at most, as an array.'),
  checksum: text('in place', 'The checksum the store can tell.', { enum: ['adler32', 'crc32c', 'md5'] }),
  classOfService: whole('next submission', 'The HPSS class of service new files get.', { minimum: 0 }),
  commandPrefix: list('next submission', WORD, 'Words put before every command, such as [ssh, gateway].', {
    minItems: 1,
  }),
  cpuUnitsPerSecond: whole('next submission', "The batch system's CPU units in one second."),
  credential: CREDENTIAL,
  definitions: {
    type: 'object',
    description: `Definitions by name, each a query. ${QUERY}`,
    'x-change': 'in place',
    additionalProperties: { type: 'string', minLength: 1, description: 'A query.' },
  },
  excludeNodes: list('next submission', WORD, 'Worker nodes no job is sent to.'),
  group: text('next submission', 'The group the experiment accounts the work to.'),
  host: text('next submission', 'The host that serves it.'),
  manifests: list(
    'in place',
    { ...WORD, description: 'A file.' },
    `NDJSON files the catalog is filled from, relative to the spec, with a file in each line: ${MANIFEST_FIELDS}.`,
  ),
  port: whole('next submission', 'The port it is served on.', { maximum: 65_535 }),
  slots: whole('in place', 'Jobs that run at a time. Default: the number of processors.'),
  staging: STAGING,
  station: text('next submission', 'The SAM station.'),
  streams: whole('next submission', 'Parallel streams of a transfer.', { maximum: 1000 }),
  timeout: quantity('in place', 'time', 'How long one call may take.'),
  url: text('next submission', 'The address of the service.', {
    pattern: '^https?://',
    'x-must': 'begin with https:// or http://',
  }),
  user: text('next submission', 'The user name there.'),
};

/** The fields of a port that only some of its drivers read; each says which. */
export function driverFields(port: DriverPort): Readonly<Record<string, Schema>> {
  const fields = new Map<string, Schema>();
  for (const name of Object.keys(FIELDS).sort()) {
    const readers = Object.entries(DRIVERS[port]).flatMap(([driver, names]) =>
      names.includes(name) ? [driver] : [],
    );
    const field = FIELDS[name];
    if (readers.length === 0 || field === undefined) continue;
    fields.set(name, { ...field, description: `${field.description} Only for: ${readers.join(', ')}.` });
  }
  return Object.fromEntries(fields);
}
