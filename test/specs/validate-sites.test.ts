import { type SpecCase, saysOf } from './cases.ts';
import { aDataset, aSite } from './folder.ts';

const dataset = (parts: Readonly<Record<string, string>>) => ({ 'a.yaml': aDataset(parts) });
const site = (parts: Readonly<Record<string, string>>) => ({ 'a.yaml': aSite(parts) });

const CASES: readonly SpecCase[] = [
  {
    it: 'asks what driver was meant',
    files: site({ batch: '{driver: slrum}' }),
    lines: ['a.yaml:6:19 spec.batch.driver: there is no slrum here; did you mean slurm?'],
  },
  {
    it: "refuses another driver's field",
    files: site({ stores: '{a: {driver: posix, root: a, classOfService: 22}}' }),
    lines: ['a.yaml:5:40 spec.stores.a.classOfService: driver posix has no such field; it is for rfio, hsi'],
  },
  {
    it: 'asks what store a mover meant',
    files: site({ movers: '[{from: disc, to: fat, driver: copy}]' }),
    lines: [
      'a.yaml:6:19 spec.movers[0].from: this site has no store disc; did you mean disk?',
      'a.yaml:6:29 spec.movers[0].to: this site has no store fat; did you mean far?',
    ],
  },
  {
    it: 'refuses two stores in one place',
    files: site({ stores: '{a: {driver: posix, root: x}, b: {driver: posix, root: x/}}' }),
    lines: [
      'a.yaml:5:66 spec.stores.b.root: the same place as store a; a copy in one would be the file in the other',
    ],
  },
  {
    it: 'refuses passwords',
    files: site({ catalog: '{driver: samweb, url: "https://me:secret@host/x"}' }),
    lines: [
      'a.yaml:6:34 spec.catalog.url: holds a password; name a file or an environment variable under credential',
    ],
  },
  {
    it: 'refuses a store of the name movers keep for the catalog',
    files: site({ stores: '{catalog: {driver: posix, root: x}}' }),
    lines: [
      'a.yaml:5:12 spec.stores.catalog: catalog is what movers call the catalog; name the store otherwise',
    ],
  },
  {
    it: 'asks what site was meant',
    files: { 'a.yaml': aSite(), 'b.yaml': aDataset({ site: 'frm' }) },
    lines: ['b.yaml:8:9 spec.site: there is no site frm; did you mean farm?'],
  },
  {
    it: 'asks what store was meant',
    files: {
      'a.yaml': aSite(),
      'b.yaml': aDataset({
        input: '{files: x, store: dsk}',
        outputs: '{dst: {store: tape, export: {to: fra}}}',
        archive: '{store: toString}',
      }),
    },
    lines: [
      'b.yaml:5:28 spec.input.store: site farm has no store dsk; did you mean disk?',
      'b.yaml:7:26 spec.outputs.dst.store: site farm has no store tape; there are disk, far',
      'b.yaml:7:45 spec.outputs.dst.export.to: site farm has no store fra; did you mean far?',
      'b.yaml:8:20 spec.archive.store: site farm has no store toString; there are disk, far',
    ],
  },
  {
    it: 'misses the way of an export',
    files: {
      'a.yaml': aSite({ stores: '{a: {driver: posix, root: a}, b: {driver: bbftp, root: /b, host: h}}' }),
      'b.yaml': aDataset({ outputs: '{dst: {export: {to: b}}, x: {export: {to: a}}}' }),
    },
    lines: [
      'b.yaml:7:32 spec.outputs.dst.export.to: site farm has no mover from a to b; add one to its spec.movers',
      'b.yaml:7:54 spec.outputs.x.export.to: a is the store it is already in; export to another',
    ],
  },
  {
    it: 'wants a site to be named where there are several',
    files: { 'a.yaml': aSite(), 'b.yaml': aSite({}, 'other'), 'c.yaml': aDataset() },
    lines: ['c.yaml:4:1 spec.site: is missing; choose one of farm, other'],
  },
  {
    it: 'tells a dataset that its site is broken, and does not move it elsewhere',
    files: { 'a.yaml': aSite({ batch: '{drivr: bqs}' }), 'b.yaml': aDataset() },
    lines: [
      'a.yaml:6:11 spec.batch.drivr: unknown field; did you mean driver?',
      'b.yaml:4:1 spec.site: site farm has problems of its own (a.yaml:1)',
    ],
  },
  {
    it: 'does not take the built-in site where a site cannot be read',
    files: { 'a.yaml': `${aSite()}  x: [`, 'b.yaml': aDataset() },
    lines: [
      'a.yaml:6:7: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
      'b.yaml:4:1 spec.site: which site is meant cannot be said, because a.yaml cannot be read',
    ],
  },
  {
    it: 'names both places of a name',
    files: { 'a.yaml': aDataset(), 'b.yaml': aDataset() },
    lines: [
      'a.yaml:3:18 metadata.name: dataset good is also at b.yaml:3; give one of them another name',
      'b.yaml:3:18 metadata.name: dataset good is also at a.yaml:3; give one of them another name',
    ],
  },
  {
    it: 'names both places of a request id',
    files: { 'a.yaml': `${aDataset({ requestId: '7' })}---\n${aDataset({ requestId: '7' }, 'two')}` },
    lines: [
      'a.yaml:8:14 spec.requestId: request id 7 is also at a.yaml:17; give one of them another requestId',
      'a.yaml:17:14 spec.requestId: request id 7 is also at a.yaml:8; give one of them another requestId',
    ],
  },
  {
    it: 'names both places of a site, and stops its datasets',
    files: { 'a.yaml': aSite(), 'b.yaml': aSite(), 'c.yaml': aDataset() },
    lines: [
      'a.yaml:3:18 metadata.name: site farm is also at b.yaml:3; give one of them another name',
      'b.yaml:3:18 metadata.name: site farm is also at a.yaml:3; give one of them another name',
      'c.yaml:4:1 spec.site: site farm has problems of its own (a.yaml:1)',
    ],
  },
  {
    it: 'says everything at once',
    files: dataset({
      job: '{comand: "x {nput}", filesPerJob: 0}',
      outputs: '{dst: {name: "a/b", colour: red}}',
    }),
    lines: [
      'a.yaml:6:3 spec.job.command: is missing (the command, run once per input by sh)',
      'a.yaml:6:9 spec.job.comand: unknown field; did you mean command?',
      'a.yaml:6:42 spec.job.filesPerJob: 0 is too small; the least is 1',
      'a.yaml:7:25 spec.outputs.dst.name: a/b holds a /; folders belong into path',
      'a.yaml:7:32 spec.outputs.dst.colour: unknown field; there are dataTier, name, store, path, metadata, eventsWritten, policy, declare, export',
    ],
  },
];

describe('validateSpecs, of sites', () => saysOf(CASES));
