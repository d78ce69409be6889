import { type SpecCase, saysOf } from './cases.ts';
import { aDataset } from './folder.ts';

const dataset = (parts: Readonly<Record<string, string>>) => ({ 'a.yaml': aDataset(parts) });

const CASES: readonly SpecCase[] = [
  {
    it: 'asks what was meant by a misspelt field, at its key',
    files: dataset({ job: '{comand: reco}' }),
    lines: [
      'a.yaml:6:3 spec.job.command: is missing (the command, run once per input by sh)',
      'a.yaml:6:9 spec.job.comand: unknown field; did you mean command?',
    ],
  },
  {
    it: 'says where a field belongs',
    files: dataset({ macro: 'p17.macro' }),
    lines: ['a.yaml:8:3 spec.macro: unknown field here; it is written spec.job.macro'],
  },
  {
    it: 'lists the fields there are',
    files: { 'a.yaml': aDataset().replace('{name: good}', '{name: good, zebra: 1}') },
    lines: ['a.yaml:3:24 metadata.zebra: unknown field; there are name, labels'],
  },
  {
    it: 'takes a number for the text it is written as, where it fits',
    files: dataset({
      job: '{command: x, application: {version: 17.03}, type: 17}',
      outputs: '{dst: {declare: true}}',
    }),
    lines: [
      'a.yaml:6:58 spec.job.type: 17 must begin with a letter and hold at most 63 letters, digits, _, . and -',
      'a.yaml:7:28 spec.outputs.dst.declare: there is no true here; there are never, fileDone, datasetDone',
    ],
  },
  {
    it: 'wants units',
    files: dataset({ job: '{command: x, resources: {cpuTime: 40, memory: 2G}}' }),
    lines: [
      'a.yaml:6:42 spec.job.resources.cpuTime: write a time with its unit, such as 90s, 30m, 40h or 1d12h; 40 is none',
      'a.yaml:6:54 spec.job.resources.memory: write a size with its unit, such as 500MB, 2GB or 4GiB; 2G is none',
    ],
  },
  {
    it: 'knows the words of a choice',
    files: dataset({ onChange: 'reproces' }),
    lines: ['a.yaml:8:13 spec.onChange: there is no reproces here; did you mean reprocess?'],
  },
  {
    it: 'knows the words beside a map',
    files: dataset({ outputs: '{dst: {policy: eqal}}' }),
    lines: ['a.yaml:7:27 spec.outputs.dst.policy: there is no eqal here; did you mean equal?'],
  },
  {
    it: 'knows the words beside a quantity',
    files: dataset({ input: '{files: x, refresh: nevr}' }),
    lines: ['a.yaml:5:30 spec.input.refresh: there is no nevr here; did you mean never?'],
  },
  {
    it: 'says what is empty',
    files: dataset({ suspend: '' }),
    lines: ['a.yaml:8:3 spec.suspend: is empty; write true or false, or remove the field'],
  },
  {
    it: 'says what is not the right kind of thing',
    files: dataset({ outputs: '[dst]', job: '{command: "x {output.dst}"}' }),
    lines: ['a.yaml:7:3 spec.outputs: must be a map, not a list'],
  },
  {
    it: 'refuses names that cannot be part of others',
    files: dataset({ outputs: '{dst: {}, "1/2": {}}' }),
    lines: [
      'a.yaml:7:22 spec.outputs.1/2: the name 1/2 must begin with a letter and hold at most 63 letters, digits, _, . and -',
    ],
  },
  {
    it: 'refuses a name that is too long',
    files: { 'a.yaml': aDataset({}, 'x'.repeat(64)) },
    lines: [
      'a.yaml:3:18 metadata.name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx… must begin with a letter and hold at most 63 letters, digits, _, . and -',
    ],
  },
  {
    it: 'asks what kind was meant',
    files: { 'a.yaml': aDataset().replace('Dataset', 'DataSet') },
    lines: ['a.yaml:2:7 kind: there is no kind DataSet; did you mean Dataset?'],
  },
  {
    it: 'wants a version it knows',
    files: { 'a.yaml': aDataset().replace('v1', 'v2') },
    lines: ['a.yaml:1:13 apiVersion: must be rereco/v1'],
  },
  {
    it: 'wants the parts of a document',
    files: { 'a.yaml': 'apiVersion: rereco/v1\nkind: Dataset\n' },
    lines: [
      'a.yaml:1:1 metadata: is missing (name and labels of the dataset)',
      'a.yaml:1:1 spec: is missing (what the dataset should become)',
    ],
  },
  {
    it: 'points at the item of a list',
    files: dataset({ input: '{files: [a, []]}' }),
    lines: ['a.yaml:5:22 spec.input.files[1]: must be a text, not a list'],
  },
];

describe('validateSpecs, of fields', () => saysOf(CASES));
