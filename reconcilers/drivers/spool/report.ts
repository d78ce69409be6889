import { Ajv2020 } from 'ajv/dist/2020.js';
import { once } from '../../../specs/once.ts';
import type { JobReport } from '../../ports/spool.ts';

/** A report, or what is wrong with it. */
export type ReadReport = { readonly report: JobReport } | { readonly invalid: string };

const text = { type: 'string', minLength: 1 } as const;
const textOrNull = { type: ['string', 'null'] } as const;
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const countOrNull = { ...count, type: ['integer', 'null'] } as const;

const output = record({
  key: text,
  name: text,
  sizeBytes: count,
  checksum: textOrNull,
  eventsWritten: countOrNull,
  metadata: textOrNull,
});

const file = record(
  {
    file: text,
    failedAt: { enum: ['stageIn', 'command', 'output', 'count', 'stageOut', null] },
    message: textOrNull,
    exitCode: { type: ['integer', 'null'] },
    eventsRead: countOrNull,
    skipped: { type: 'array', items: record({ events: count, reason: { type: 'string' } }) },
    outputs: { type: 'array', items: output },
    cpuMs: countOrNull,
    startedMs: countOrNull,
    endedMs: countOrNull,
  },
  // Jobs that an older program has submitted say nothing of these.
  { inputChecksum: textOrNull, uncheckedBecause: textOrNull, signal: textOrNull },
);

/** Made for the first report: compiling takes longer than most commands. */
const validator = once(() =>
  new Ajv2020({ allErrors: true, allowUnionTypes: true, removeAdditional: 'all' }).compile<JobReport>(
    record({
      submission: text,
      index: count,
      node: text,
      processor: textOrNull,
      files: { type: 'array', items: file },
    }),
  ),
);

/**
 * Read a job's report. It comes from a worker node, so every field is checked.
 *
 * @param found  its text; fields nobody knows are left out
 * @returns the report, or all its faults, as in `/files/0/eventsRead must be >= 0`
 */
export function readReport(found: string): ReadReport {
  const validate = validator();
  try {
    const value: unknown = JSON.parse(found);
    if (validate(value)) return { report: value };
  } catch (error) {
    return { invalid: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const faults = (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  return { invalid: faults.join('; ') };
}

/** An object in which every field must be there, but for those that may be. */
function record(fields: Readonly<Record<string, object>>, may: Readonly<Record<string, object>> = {}) {
  const properties = { ...fields, ...may };
  return { type: 'object', properties, required: Object.keys(fields), additionalProperties: false };
}
