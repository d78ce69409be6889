import { ERROR_CLASSES } from '../../machines/model.ts';
import { jobCounter, PATTERN } from './counters.ts';
import {
  type ChangeClass,
  choice,
  group,
  list,
  map,
  NAME,
  quantity,
  type Schema,
  text,
  whole,
} from './field.ts';

/** What a job may use; a site can give the same fields for datasets that do not. */
export const RESOURCES: Schema = group(
  "What one job may use. Default: the site's; what neither names is left to the batch system.",
  {
    cpuTime: quantity('next submission', 'time', 'CPU time, which BQS limits and Slurm does not.'),
    walltime: quantity('next submission', 'time', 'Time by the clock on the wall.'),
    memory: quantity('next submission', 'size', 'Memory; what the processes of a job share counts once.'),
    scratch: quantity('next submission', 'size', 'Local disk on the worker node.'),
  },
  { default: {} },
);

const APPLICATION: Schema = group(
  'The application as the catalog knows it; declared with every output.',
  {
    family: text('re-run', 'Family of the application.', { default: 'reconstruction' }),
    name: text('re-run', 'Name of the application. Default: the type of the job.'),
    version: text('re-run', 'Version of the application; {version} in names.', { default: '1' }),
  },
  { default: {} },
);

const PLACE: ChangeClass = 'in place';

/** What each class of a failure leads to. */
const CLASSES =
  'The class of the failure. After transient, resources and unknown the file is tried again, as often as retry.process allows; after site and outage too, which uses up no attempt; after data and software it waits for a person. Three failures alike of class software hold the dataset, and an outage pauses it.';

const FAILURE: Schema = group(
  'One rule: when all that it names is so, the failure has its class.',
  {
    exitCode: whole(PLACE, 'The exit code of the command.', { minimum: 0, maximum: 255 }),
    signal: text(
      PLACE,
      'The signal that ended the command, or the job. A shell tells of a killed command by 128 and the number of the signal, so a command that exits with 129 to 159 by itself counts as killed, too.',
      {
        pattern: '^(SIG)?[A-Z][A-Z0-9]{1,9}$',
        'x-must': 'be the name of a signal, such as SIGKILL',
      },
    ),
    log: text(
      PLACE,
      `${PATTERN}; it is searched in the last 64 kB of what the job wrote, of a job of several files in the lines about the file.`,
    ),
    batchState: text(
      PLACE,
      'The state the batch system ended the job in, in its own words; those of the driver local are walltime, cpuTime, memory, node restarted, node shutdown and supervisor lost.',
      {
        examples: ['OUT_OF_MEMORY'],
      },
    ),
    class: choice(PLACE, ERROR_CLASSES, CLASSES),
    system: text(PLACE, 'For an outage: the shared service that is down; what needs it is paused.'),
  },
  { required: ['class'] },
);

const OPTION_VALUE: Schema = {
  type: ['string', 'number', 'boolean'],
  description: 'The value of the option.',
};

/** Options of a batch system in its own words; those of a job win over those of its site. */
export const BATCH_OPTIONS: Schema = map(
  'next submission',
  OPTION_VALUE,
  "Options in the batch system's own words.",
  {
    default: {},
    examples: [{ partition: 'prod', account: 'exp' }],
  },
);

const ENVIRONMENT: Schema = map(
  're-run',
  { type: ['string', 'integer', 'boolean'], description: 'The value of the variable.' },
  'Environment variables of the command, which keeps the locale of the worker node unless they set another.',
  {
    default: {},
    propertyNames: {
      type: 'string',
      pattern: '^(?!RERECO_)[A-Za-z_][A-Za-z0-9_]*$',
      'x-must': 'be the name of an environment variable, and not begin with RERECO_',
    },
  },
);

/** The schema of `spec.job`: how files are processed. */
export const JOB: Schema = group(
  'How files are processed.',
  {
    type: text(
      'next submission',
      'The type of the job, in its name and in the tables. Default: the name of the application, or job.',
      NAME,
    ),
    application: APPLICATION,
    command: text(
      're-run',
      'The command, run once per input by sh. Placeholders: {input}, {macro}, {name}, {stem}, {run}, {events}, {requestId}, {dataset}, {revision}, {version} and {output.KEY}; a literal brace is written twice. It runs in an empty folder of its own; ./ and ../ at its beginning are meant from the folder of the spec, which $RERECO_SPEC_DIR names everywhere in it.',
      { examples: ['./reco.sh {input} {output.dst}'] },
    ),
    macro: text('re-run', 'What {macro} stands for, such as a macro or a configuration file.'),
    filesPerJob: whole(
      'next submission',
      'Files a job takes at most, each with its own counts, outputs and fate.',
      { default: 1 },
    ),
    awkChecksumUpTo: quantity(
      'next submission',
      'size',
      'An input whose only checksum is an adler32 is proved on the worker node by xrdadler32, or where there is none by awk (3.5 MB a second) up to this size; larger ones are processed unchecked, and the ledger counts them.',
      { default: '200MB' },
    ),
    resources: RESOURCES,
    options: BATCH_OPTIONS,
    environment: ENVIRONMENT,
    eventsRead: jobCounter('re-run', 'How many events the command has read.', 'input'),
    failures: list(
      'in place',
      FAILURE,
      'Rules that class a failed job. The first rule of which everything holds that it names is taken; where none is, a limit that was passed is resources, a node that failed is site, a job ended from outside is transient, a command that cannot run or does nothing is site on one node and software on several, and anything else is what the check that failed says, mostly unknown.',
      { default: [], examples: [[{ log: 'calibration.*refused', class: 'outage', system: 'calibration' }]] },
    ),
  },
  { required: ['command'] },
);
