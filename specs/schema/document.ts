import { API_VERSION, DATASET } from './dataset.ts';
import type { Schema } from './field.ts';
import { SITE } from './site.ts';

/** The kinds of documents, each with its schema. */
export const KINDS: Readonly<Record<string, Schema>> = { Dataset: DATASET, Site: SITE };

/**
 * The schema of any document, for editors.
 *
 * The program itself looks at `kind` first and then asks that kind's schema alone:
 * its messages then never speak of the other kind.
 */
export const DOCUMENT: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://rereco.invalid/rereco.schema.json',
  title: 'ReReco spec',
  type: 'object',
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: {
      const: API_VERSION,
      description: 'The version of the spec language.',
      'x-change': 'forbidden',
    },
    kind: { enum: Object.keys(KINDS), description: 'What the document describes.', 'x-change': 'forbidden' },
  },
  if: { properties: { kind: { const: 'Site' } }, required: ['kind'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: SITE,
  else: DATASET,
};
