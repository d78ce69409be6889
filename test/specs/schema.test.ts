import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { DOCUMENT, KINDS } from '../../specs/schema/document.ts';
import { CHANGE_CLASSES, type Schema } from '../../specs/schema/field.ts';
import { fieldsOf } from '../../specs/schema/fields.ts';

interface Named {
  readonly path: string;
  readonly schema: Schema;
}

/** Every field of a schema, groups and the fields of lists too. */
function everyField(path: string, schema: Schema): readonly Named[] {
  const each = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
      { path: `${path}.${name}`, schema: field },
      ...everyField(`${path}.${name}`, field),
    ]),
    ...everyFieldOf(`${path}.*`, each),
    ...everyFieldOf(`${path}[]`, schema.items ?? {}),
  ];
}

function everyFieldOf(path: string, schema: Schema): readonly Named[] {
  return schema.properties === undefined ? [] : everyField(path, schema);
}

const FIELDS = Object.entries(KINDS).flatMap(([kind, schema]) => everyField(kind, schema));

describe('the schema', () => {
  it('describes every field and gives it a change class', () => {
    const bare = FIELDS.filter(
      ({ schema }) => !schema.description || !CHANGE_CLASSES.some((change) => change === schema['x-change']),
    );
    assert.deepEqual(
      bare.map(({ path }) => path),
      [],
    );
    assert.ok(FIELDS.length > 150, `only ${FIELDS.length} fields were looked at`);
  });

  it('ends every description as a sentence', () => {
    assert.deepEqual(
      FIELDS.filter(({ schema }) => !/[.)]$/.test(schema.description ?? '')).map(({ path }) => path),
      [],
    );
  });

  it('knows all fields of every group, so that a misspelt one is an error', () => {
    const open = FIELDS.filter(
      ({ schema }) => schema.properties !== undefined && schema.additionalProperties !== false,
    );
    assert.deepEqual(
      open.map(({ path }) => path),
      [],
    );
  });

  it('has defaults that it accepts itself', () => {
    const ajv = new Ajv2020({ allowUnionTypes: true, strictTypes: false });
    ajv.addVocabulary(['x-change', 'x-unit', 'x-words', 'x-must']);
    const bad = FIELDS.filter(({ schema }) => {
      const { required: _, minProperties: __, ...open } = schema;
      return schema.default !== undefined && !ajv.validate(open, schema.default);
    });
    assert.deepEqual(
      bad.map(({ path }) => path),
      [],
    );
  });

  it('classes the fields that the language says change what is produced', () => {
    const rerun = fieldsOf().filter((field) => field.change === 're-run');
    assert.deepEqual(
      rerun.map((field) => field.path.join('.')),
      [
        'spec.job.application.family',
        'spec.job.application.name',
        'spec.job.application.version',
        'spec.job.command',
        'spec.job.macro',
        'spec.job.environment',
        'spec.job.eventsRead',
        'spec.outputs.*.dataTier',
        'spec.outputs.*.name',
        'spec.outputs.*.metadata',
        'spec.outputs.*.eventsWritten',
        'spec.outputs.*.policy',
      ],
    );
  });

  it('stands in rereco.schema.json for editors', () => {
    const text = readFileSync(new URL('../../specs/rereco.schema.json', import.meta.url), 'utf8');
    const same = JSON.stringify(JSON.parse(text)) === JSON.stringify(DOCUMENT);
    assert.ok(same, 'specs/rereco.schema.json is not what the constants say; run: npm run schema');
  });
});
