import { inputCounter, PATTERN } from './counters.ts';
import { choice, folder, group, quantity, type Schema, text } from './field.ts';

const SOURCE =
  'Exactly one of definition, query, files and manifest. It may be changed, but not so that no file is left: other files are another dataset.';

const RUN: Schema = {
  type: ['integer', 'string'],
  minimum: 0,
  description: 'A run, or a range such as 4800-4950.',
};

const SNAPSHOT =
  'Its files are those it named when it was first applied, unless refresh says how often to ask again.';

/** The query language of the embedded catalog, in a sentence. */
export const QUERY =
  "The embedded catalog's has the fields data_tier, name, run and definition with one or several values, joined by and, or, not and brackets; % stands for any letters.";

/** What a line of a manifest may say. */
export const MANIFEST_FIELDS =
  'file_name, and where known file_size, event_count, checksum (adler32:0a1b2c3d), run, data_tier and locations (STORE:PATH)';

function runList(description: string): Schema {
  return {
    type: ['string', 'array'],
    items: RUN,
    minLength: 1,
    description: `${description} A list of runs and ranges such as 4800-4950, or a file (relative to the spec) with one a line.`,
    'x-change': 'in place',
  };
}

const SOURCES: Readonly<Record<string, Schema>> = {
  definition: text('in place', `A dataset definition of the catalog. ${SNAPSHOT} ${SOURCE}`),
  query: text('in place', `A query in the catalog's language. ${QUERY} ${SNAPSHOT} ${SOURCE}`, {
    examples: ["data_tier raw and run 1-10,12 and not name 'all_%_test'"],
  }),
  files: {
    type: ['string', 'array'],
    items: { type: 'string', minLength: 1, description: 'A path or glob below the store.' },
    minLength: 1,
    minItems: 1,
    description: `A path or glob, or a list of them, below the root of the store that the first mover to input.store comes from, or of input.store where no mover leads to it. They are read again at every look at everything: new files are added, files that are gone there stay in the dataset. Wildcards stand for no name that begins with a dot. ${SOURCE}`,
    'x-change': 'in place',
    examples: ['raw/*.lhe'],
  },
  manifest: text(
    'in place',
    `An NDJSON file, relative to the spec, with a wanted file in each line: ${MANIFEST_FIELDS}. It is read again at every look at everything. ${SOURCE}`,
    { examples: ['raw.ndjson'] },
  ),
};

/** The schema of `spec.input`: which files are wanted, and where their copies lie. */
export const INPUT: Schema = group('The raw files wanted, and where their copies lie.', {
  ...SOURCES,
  dataTier: text('in place', 'The data tier of the raw files in the catalog.', { default: 'raw' }),
  store: text('next submission', "The store raw copies lie in. Default: the site's first store."),
  path: folder('next submission', "Template of the folder below the store's root in which raw copies lie.", {
    default: '',
    examples: ['raw/{run}'],
  }),
  runs: group(
    'Which runs of the files are wanted.',
    {
      include: runList('Only these runs. Default: every run.'),
      exclude: runList('Not these runs, such as bad ones. Default: none.'),
    },
    { default: {} },
  ),
  run: group(
    'How the run of a file is found where the catalog or manifest does not say it, and of files named by paths.',
    {
      pattern: text(
        'in place',
        `${PATTERN}, over the name of the file, without its folder; its first group is the run. A file whose name does not match is not processed, and told of.`,
        { examples: ['_0*([0-9]+)_'] },
      ),
    },
    { default: {} },
  ),
  refresh: quantity(
    'in place',
    'time',
    'How often the definition or query is asked again; never: the first snapshot stays.',
    {
      default: 'never',
      'x-words': ['never'],
    },
  ),
  settleFor: quantity(
    'in place',
    'time',
    'How long a file that is listed for the first time, or with other bytes than before, must keep its size and time of change before it counts: it may still be written. For files named by paths; 0s takes them at once. A command waits for it, up to a minute; what needs longer is taken by a later one.',
    { default: '5s' },
  ),
  eventCount: inputCounter('in place'),
  eventCountMissing: choice(
    'in place',
    ['hold', 'count'],
    'What happens to a file whose event count nobody knows: it is held, or what its job reads is taken for the count.',
    { default: 'hold' },
  ),
  afterDone: choice(
    'in place',
    ['keep', 'release'],
    'Whether a local replica of a raw file may go once the file is done and its origin was read back.',
    { default: 'keep' },
  ),
});
