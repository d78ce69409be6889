import { type SpecCase, saysOf } from './cases.ts';
import { aDataset, aSite } from './folder.ts';

const dataset = (parts: Readonly<Record<string, string>>) => ({ 'a.yaml': aDataset(parts) });

const CASES: readonly SpecCase[] = [
  {
    it: 'wants one kind of input',
    files: dataset({ input: '{files: x, query: y}' }),
    lines: [
      'a.yaml:5:3 spec.input: names its files by query and files; write exactly one of definition, query, files, manifest',
    ],
  },
  {
    it: 'wants any input',
    files: dataset({ input: '{dataTier: raw}' }),
    lines: ['a.yaml:5:3 spec.input: names no files; write exactly one of definition, query, files, manifest'],
  },
  {
    it: 'keeps inputs below their store',
    files: dataset({ input: '{files: [/etc/x, ../y]}' }),
    lines: [
      'a.yaml:5:19 spec.input.files[0]: /etc/x begins with /; write it relative to the root of the store',
      'a.yaml:5:27 spec.input.files[1]: ../y leaves its folder by ..; write a path below the root of the store',
    ],
  },
  {
    it: 'asks what placeholder was meant',
    files: dataset({ job: '{command: "x {inptu} {output.dts} {HOME}"}' }),
    lines: [
      'a.yaml:6:18 spec.job.command: unknown placeholder {inptu}; did you mean input?',
      'a.yaml:6:18 spec.job.command: unknown placeholder {output.dts}; did you mean output.dst?',
      "a.yaml:6:18 spec.job.command: unknown placeholder {HOME}; there are input, macro, name, stem, run, events, requestId, dataset, revision, version, output.dst (for the shell's own braces write {{HOME}})",
    ],
  },
  {
    it: 'refuses a stray brace',
    files: dataset({ job: `{command: "awk '{print $1}'"}` }),
    lines: [
      'a.yaml:6:18 spec.job.command: a { that is no part of a {placeholder}; a literal one is written {{',
    ],
  },
  {
    it: 'wants the macro a command names',
    files: dataset({ job: '{command: "x {macro}"}' }),
    lines: ['a.yaml:6:18 spec.job.command: {macro} stands for spec.job.macro, which is not set'],
  },
  {
    it: 'refuses names with folders in them',
    files: dataset({ outputs: '{dst: {name: "a/{stem}"}}' }),
    lines: ['a.yaml:7:25 spec.outputs.dst.name: a/{stem} holds a /; folders belong into path'],
  },
  {
    it: 'refuses names that hide or look like options',
    files: dataset({ outputs: '{a: {name: ".{stem}"}, b: {name: "-{stem}"}}' }),
    lines: [
      'a.yaml:7:23 spec.outputs.a.name: .{stem} begins with .; begin it with a letter or digit',
      'a.yaml:7:45 spec.outputs.b.name: -{stem} begins with -; begin it with a letter or digit',
    ],
  },
  {
    it: 'refuses folders that escape',
    files: dataset({ outputs: '{a: {path: "../{run}"}}', archive: '{path: /logs}' }),
    lines: [
      'a.yaml:7:23 spec.outputs.a.path: ../{run} leaves its folder by ..; write a path below the root of the store',
      'a.yaml:8:19 spec.archive.path: /logs begins with /; write it relative to the root of the store',
    ],
  },
  {
    it: 'refuses two outputs of one name',
    files: dataset({ outputs: '{a: {name: "{stem}.x"}, b: {name: "{stem}.x"}}' }),
    lines: [
      'a.yaml:7:46 spec.outputs.b.name: {stem}.x names the same files as outputs.a; give each output a name of its own',
    ],
  },
  {
    it: 'refuses the name of the input in its folder',
    files: dataset({ outputs: '{raw: {name: "{stem}.lhe"}}' }),
    lines: [
      'a.yaml:7:25 spec.outputs.raw.name: {stem}.lhe is the name of the input, in the same store and folder; choose another name or path',
    ],
  },
  {
    it: 'refuses the name of the input of a definition',
    files: dataset({
      input: '{definition: d, path: "raw/{run}"}',
      outputs: '{dst: {name: "{name}", path: "raw/{run}"}}',
    }),
    lines: [
      'a.yaml:7:25 spec.outputs.dst.name: {name} is the name of the input, in the same store and folder; choose another name or path',
    ],
  },
  {
    it: 'refuses names that cannot be re-run',
    files: dataset({ onChange: 'reprocess', outputs: '{a: {}, b: {name: "{stem}_{version}"}}' }),
    lines: [
      'a.yaml:7:13 spec.outputs.a.name: {stem}.{output} stays the same when files are re-run; with onChange: reprocess it needs {revision} or {version}',
    ],
  },
  {
    it: 'refuses to delete what is located',
    files: {
      'a.yaml': aSite(),
      'b.yaml': aDataset({ outputs: '{a: {declare: fileDone, export: {to: far, thenDelete: true}}}' }),
    },
    lines: [
      'b.yaml:7:66 spec.outputs.a.export.thenDelete: deletes what declare has located here; a location would point at nothing. Set declare: never, or keep the file',
    ],
  },
  {
    it: 'refuses expressions nobody can read',
    files: dataset({
      job: '{command: x, eventsRead: {log: "read ([0-9]+"}, failures: [{log: "(?i)ora", class: data}]}',
    }),
    lines: [
      'a.yaml:6:39 spec.job.eventsRead.log: not a regular expression: a ( without its ) in read ([0-9]+',
      'a.yaml:6:73 spec.job.failures[0].log: (?i)ora uses (?, which POSIX extended regular expressions have not',
    ],
  },
  {
    it: 'refuses what grep does not know',
    files: dataset({ input: '{files: x, eventCount: {pattern: "^\\\\d+"}}' }),
    lines: [
      'a.yaml:5:43 spec.input.eventCount.pattern: ^\\d+ uses \\d, which POSIX has not; write a class such as [0-9]',
    ],
  },
  {
    it: 'wants a group for the number in a log',
    files: dataset({ job: '{command: x, eventsRead: {log: "read [0-9]+"}}' }),
    lines: [
      'a.yaml:6:39 spec.job.eventsRead.log: read [0-9]+ has no group; put the number in one, as in read ([0-9]+) events',
    ],
  },
  {
    it: 'wants one way of counting',
    files: dataset({ outputs: '{a: {eventsWritten: {file: x, log: "(1)"}}, b: {eventsWritten: {}}}' }),
    lines: [
      'a.yaml:7:17 spec.outputs.a.eventsWritten: names file and log; events are counted in exactly one way',
      'a.yaml:7:60 spec.outputs.b.eventsWritten: names no way of counting; write exactly one',
    ],
  },
  {
    it: 'refuses a failure rule for everything',
    files: dataset({ job: '{command: x, failures: [{class: data}]}' }),
    lines: [
      'a.yaml:6:32 spec.job.failures[0]: matches every failure; name an exitCode, signal, log or batchState',
    ],
  },
  {
    it: 'refuses a policy nothing can satisfy',
    files: dataset({ outputs: '{a: {policy: {atMost: 10%, atLeast: 20%}}}' }),
    lines: [
      'a.yaml:7:17 spec.outputs.a.policy: asks for at least more than it asks for at most; swap atLeast and atMost',
    ],
  },
  {
    it: 'refuses runs that are none',
    files: dataset({ input: '{query: x, runs: {include: [4711, 9-3, abc]}}' }),
    lines: [
      'a.yaml:5:44 spec.input.runs.include[1]: 9-3 runs backwards; write 3-9',
      'a.yaml:5:49 spec.input.runs.include[2]: abc is no run; write 4711 or 4800-4950',
    ],
  },
  {
    it: 'misses a run list and a manifest',
    files: dataset({ input: '{manifest: in.ndjson, runs: {exclude: bad.txt}}' }),
    lines: [
      'a.yaml:5:21 spec.input.manifest: manifest in.ndjson does not exist or cannot be reached',
      'a.yaml:5:48 spec.input.runs.exclude: run list bad.txt does not exist',
    ],
  },
  {
    it: 'refuses to include no runs at all',
    files: { ...dataset({ input: '{query: x, runs: {include: []}}' }), 'none.txt': '# none yet\n' },
    lines: [
      'a.yaml:5:28 spec.input.runs.include: names no runs; write some, or leave it out to want every run',
    ],
  },
  {
    it: 'refuses to include the runs of an empty list',
    files: { ...dataset({ input: '{query: x, runs: {include: none.txt}}' }), 'none.txt': '# none yet\n' },
    lines: [
      'a.yaml:5:37 spec.input.runs.include: names no runs; write some, or leave it out to want every run (none.txt)',
    ],
  },
  {
    it: 'does not read runs of files that are named by paths',
    files: {
      ...dataset({ input: '{files: x, runs: {include: [1], exclude: bad.txt}}' }),
      'bad.txt': '# none yet\n',
    },
    lines: ['include', 'exclude'].map(
      (field, index) =>
        `a.yaml:5:${[28, 51][index]} spec.input.runs.${field}: cannot be applied: nobody knows the runs of files named by paths; say how a name tells its run, as in run: {pattern: "_0*([0-9]+)_"}`,
    ),
  },
  {
    it: 'wants a group in the pattern of a run',
    files: dataset({ input: '{files: x, run: {pattern: "_[0-9]+_"}}' }),
    lines: [
      'a.yaml:5:36 spec.input.run.pattern: _[0-9]+_ has no group; put the number in one, as in _0*([0-9]+)_',
    ],
  },
  {
    it: 'points into a run list',
    files: { ...dataset({ input: '{query: x, runs: {exclude: bad.txt}}' }), 'bad.txt': '# bad\n12\nx-3\n' },
    lines: ['bad.txt:3:1: x-3 is no run; write 4711 or 4800-4950'],
  },
  {
    it: 'refuses a share over the whole',
    files: dataset({ limits: '{maxFailedShare: 101%}' }),
    lines: ['a.yaml:8:28 spec.limits.maxFailedShare: is more than 100%, which no share reaches'],
  },
];

describe('validateSpecs, of rules', () => saysOf(CASES));
