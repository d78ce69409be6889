/**
 * The layout's law: which folder may import what, and which stay pure. A file
 * that breaks it is named together with what it did.
 *
 * Imports are read as text, so the law holds for files nothing runs, too.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));

/** What the build, git and a campaign leave in the checkout is not the project's. */
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.rereco', '.vscode', '.idea']);

/** Import statements, and `import()` as an expression or a type. */
const STATIC =
  /^(?:import\s+(type\s+)?(?:([\w*{][^'";]*?)\sfrom\s+)?|export\s+(type\s+)?(\{[^}]*\}|\*)\s*from\s+)'([^']+)'/gm;
const DYNAMIC = /(await\s+)?\bimport\('([^']+)'\)/g;

interface Import {
  /** A package, `node:…`, or a path from the project's top. */
  readonly of: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  readonly file: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

interface Law {
  readonly files: RegExp;
  /** What may be imported to run. */
  readonly may: readonly RegExp[];
  /** What may be imported as types only. */
  readonly types: readonly RegExp[];
}

const MACHINES = /^machines\//;
const MODEL = /^machines\/model\.ts$/;
const SPEC_TYPES = /^specs\/types\.ts$/;
/** Filling a template's placeholders is pure text, needed wherever names are made. */
const TEMPLATE = /^specs\/template\.ts$/;
/** The one dialect of regular expressions, read and matched without asking anybody. */
const POSIX_PATTERN = /^specs\/posix-pattern\.ts$/;
/** What is made when it is first needed; pure where what it makes is. */
const ONCE = /^specs\/once\.ts$/;
/** The words that decisions, actions and records share. */
const WORDS = /^reconcilers\/model\//;
const DECIDE = /^reconcilers\/decide\//;
const JOB = /^reconcilers\/job\//;
const ACT = /^reconcilers\/act\//;
const PORTS = /^reconcilers\/ports\//;
/** The error that crosses the ports; everything else there is types. */
const PORT_ERRORS = /^reconcilers\/ports\/errors\.ts$/;
/** The rooms of decide/, each named for what it says of a page, and what each may import of the others. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  wanted: [],
  judge: ['wanted'],
  members: ['wanted'],
  specs: [],
  stops: ['judge', 'wanted'],
  change: ['judge', 'stops'],
  facts: ['change', 'judge', 'wanted'],
  steps: ['change', 'facts', 'judge', 'stops', 'wanted'],
  places: ['change', 'steps', 'wanted'],
  rules: ['change', 'facts', 'judge', 'members', 'steps', 'stops', 'wanted'],
};
const NODE = /^node:/;

/** Folders whose functions give the same answer for the same arguments, at any time. */
const PURE = [MACHINES, DECIDE, JOB];

/** The first law whose pattern fits a file is its law. */
const LAWS: readonly Law[] = [
  { files: MACHINES, may: [/^xstate$/, MACHINES], types: [] },
  {
    files: /^specs\/watch(-scan)?\.ts$/,
    may: [/^chokidar$/, /^node:(path|fs\/promises)$/, /^specs\//],
    types: [],
  },
  {
    // What reads spec files from disk and git.
    files: /^specs\/(load|git|read-text|find-files|references)\.ts$/,
    may: [/^node:(path|crypto|fs|fs\/promises|child_process)$/, MODEL, /^specs\//],
    types: [/^node:/],
  },
  // Run by hand to write the schema's JSON; nothing imports it.
  { files: /^specs\/schema\/write\.ts$/, may: [/^node:fs$/, /^specs\//], types: [] },
  // A hash and joined paths are pure, so they are no way to a live system.
  {
    files: /^specs\//,
    may: [/^ajv\//, /^yaml$/, /^node:(path|crypto)$/, MODEL, /^specs\//],
    types: [],
  },
  { files: WORDS, may: [MACHINES, WORDS], types: [SPEC_TYPES, PORTS] },
  ...Object.entries(ROOMS).map(([room, others]) => ({
    files: new RegExp(`^reconcilers/decide/${room}/`),
    may: [
      ...[MACHINES, TEMPLATE, POSIX_PATTERN, WORDS],
      ...[room, ...others].map((one) => new RegExp(`^reconcilers/decide/${one}/`)),
    ],
    types: [SPEC_TYPES, PORTS],
  })),
  {
    // What joins the rooms.
    files: /^reconcilers\/decide\/[^/]+\.ts$/,
    may: [MACHINES, WORDS, DECIDE],
    types: [SPEC_TYPES, PORTS],
  },
  // Run by hand to write the job script's tools into modules; nothing imports it.
  { files: /^reconcilers\/job\/tools\/write\.ts$/, may: [/^node:fs$/], types: [] },
  {
    files: JOB,
    may: [MACHINES, TEMPLATE, WORDS, JOB, /^node:path\/posix$/, /^reconcilers\/decide\/wanted\//],
    types: [SPEC_TYPES, PORTS],
  },
  { files: PORTS, may: [], types: [MODEL, SPEC_TYPES, PORTS] },
  {
    files: ACT,
    may: [MACHINES, TEMPLATE, POSIX_PATTERN, WORDS, DECIDE, JOB, ACT, PORT_ERRORS],
    types: [SPEC_TYPES, PORTS],
  },
  {
    // Says which traits of its drivers decisions depend on.
    files: /^reconcilers\/drivers\/registry\.ts$/,
    may: [NODE, PORT_ERRORS, MODEL, /^reconcilers\/drivers\//],
    types: [SPEC_TYPES, PORTS, /^reconcilers\/model\/context\.ts$/],
  },
  {
    files: /^reconcilers\/drivers\//,
    may: [NODE, /^(pg|picomatch|tar-stream)$/, /^ajv\//, PORT_ERRORS, MODEL, ONCE, /^reconcilers\/drivers\//],
    types: [SPEC_TYPES, PORTS],
  },
  {
    // Runs the spine; the round's own clock and its waiting are bin's.
    files: /^reconcilers\/daemon\//,
    may: [MACHINES, WORDS, DECIDE, ACT, PORT_ERRORS, /^reconcilers\/(daemon\/|[^/]+\.ts$)/],
    types: [SPEC_TYPES, PORTS],
  },
  {
    // The spine and what it reports.
    files: /^reconcilers\/[^/]+\.ts$/,
    may: [MACHINES, WORDS, DECIDE, ACT, PORT_ERRORS, /^reconcilers\/[^/]+\.ts$/],
    types: [SPEC_TYPES, PORTS],
  },
  // The server is started and stopped without knowing what is kept in it.
  { files: /^db\/server\//, may: [NODE, /^pg$/, /^db\/server\//], types: [] },
  {
    // A backup is a tar, which anybody can open when this program is lost.
    files: /^db\/backup\//,
    may: [/^(pg|pg-copy-streams|tar-stream)$/, NODE, /^db\//],
    types: [/^knex$/],
  },
  {
    // Values of machines/: closed lists for CHECK constraints, and machine versions.
    files: /^db\//,
    may: [
      /^(knex|pg|pg-copy-streams)$/,
      NODE,
      MACHINES,
      PORT_ERRORS,
      /^reconcilers\/model\/records\.ts$/,
      /^db\//,
    ],
    types: [SPEC_TYPES, PORTS, WORDS],
  },
  { files: /^bin\//, may: [/./], types: [] },
];

const SOURCES = ['machines', 'specs', 'reconcilers', 'db', 'bin'].flatMap(sourcesIn);

describe('the architecture', () => {
  it('has a law for every file', () => {
    const lawless = SOURCES.filter(({ file }) => lawOf(file) === undefined).map(({ file }) => file);
    assert.deepEqual(lawless, []);
    assert.ok(SOURCES.length > 100, 'the sources were read');
  });

  it('lets every folder import only what its law allows', () => {
    const broken = SOURCES.flatMap(({ file, imports }) => {
      const law = lawOf(file);
      return imports.filter((one) => law !== undefined && !isAllowed(law, one)).map((one) => tell(file, one));
    });
    assert.deepEqual(broken, []);
  });

  it('lets nothing import bin', () => {
    const broken = SOURCES.filter(({ file }) => !file.startsWith('bin/')).flatMap(({ file, imports }) =>
      imports.filter(({ of }) => of.startsWith('bin/')).map((one) => tell(file, one)),
    );
    assert.deepEqual(broken, []);
  });

  it('keeps knex in db; commands may name its types, to hand a connection on', () => {
    const broken = SOURCES.filter(({ file }) => !file.startsWith('db/')).flatMap(({ file, imports }) =>
      imports
        .filter(({ of, typeOnly }) => of === 'knex' && !(typeOnly && file.startsWith('bin/')))
        .map((one) => tell(file, one)),
    );
    assert.deepEqual(broken, []);
  });

  it('keeps machines and decisions pure: no waiting, clock, chance, console or process', () => {
    const impure =
      /\bawait\b|\basync\b|\bPromise\b|\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bconsole\.|\bprocess\./;
    const broken = SOURCES.filter(({ file }) => PURE.some((folder) => folder.test(file))).flatMap(
      ({ file, text }) =>
        bare(text)
          .split('\n')
          .filter((line) => impure.test(line))
          .map((line) => `${file}: ${line.trim()}`),
    );
    assert.deepEqual(broken, []);
  });

  it('has no running code in ports but the errors that cross them', () => {
    const running = /^(export )?(default |async |abstract )?(const|let|var|function|class|enum)\b.*$/gm;
    const broken = SOURCES.filter(({ file }) => PORTS.test(file)).flatMap(({ file, text }) =>
      [...bare(text).matchAll(running)]
        .map(([line]) => line)
        .filter((line) => !(PORT_ERRORS.test(file) && / extends Error \{$/.test(line)))
        .map((line) => `${file}: ${line}`),
    );
    assert.deepEqual(broken, []);
  });

  it('has no folders that need each other', () => {
    const needs = foldersNeeded();
    const circles = [...needs.keys()].filter((folder) => reachable(needs, folder).has(folder));
    assert.deepEqual(circles, []);
  });

  it('reads the forms of import there are', () => {
    const text = `import type { A } from './a.ts';\nimport {\n  type B,\n  c,\n} from '../b.ts';\nimport 'x';
export { d } from './d.ts';\nconst e = await import('./e.ts');\ntype F = import('./f.ts').F;\n`;
    assert.deepEqual(importsOf('one/two/z.ts', text), [
      { of: 'one/two/a.ts', typeOnly: true },
      { of: 'one/b.ts', typeOnly: false },
      { of: 'x', typeOnly: false },
      { of: 'one/two/d.ts', typeOnly: false },
      { of: 'one/two/e.ts', typeOnly: false },
      { of: 'one/two/f.ts', typeOnly: true },
    ]);
  });
});

describe('the files', () => {
  const most = 300;
  // Tests are tables of cases: longer, and read a row at a time.
  const mostOfATest = 450;

  it(`have at most ${most} lines each`, () => {
    // A migration is one long text of SQL with a comment for every column.
    const long = [...SOURCES, ...sourcesIn('test')]
      .filter(({ file }) => !file.startsWith('db/migrations/'))
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > (file.endsWith('.test.ts') ? mostOfATest : most));
    assert.deepEqual(long, []);
  });

  it('name no place of the machine they were written on', () => {
    const elsewhere = /(^|[\s'"`(=:])\/work\b|\.library\b/;
    const here = path.basename(fileURLToPath(import.meta.url));
    const broken = allFiles('')
      .filter((file) => path.basename(file) !== here)
      .flatMap((file) =>
        readFileSync(path.join(TOP, file), 'utf8')
          .split('\n')
          .filter((line) => elsewhere.test(line))
          .map((line) => `${file}: ${line.trim().slice(0, 100)}`),
      );
    assert.deepEqual(broken, []);
  });
});

describe('the README', () => {
  const readme = readFileSync(path.join(TOP, 'README.md'), 'utf8');

  it('shows the smallest example as it is', () => {
    const example = readFileSync(path.join(TOP, 'specs/examples/laptop/lhe-skim.yaml'), 'utf8');
    assert.ok(readme.includes(`\`\`\`yaml\n${example}\`\`\`\n`));
  });

  it('names every command', () => {
    const commands = SOURCES.filter(({ file }) => file.startsWith('bin/commands/')).flatMap(({ text }) =>
      [...text.matchAll(/^ {2}usage: '(\w+)/gm)].map(([, name = '']) => name),
    );
    assert.ok(commands.length > 5);
    const unnamed = commands.filter((name) => !readme.includes(`rereco ${name}`));
    assert.deepEqual(unnamed, []);
  });
});

function lawOf(file: string): Law | undefined {
  return LAWS.find(({ files }) => files.test(file));
}

function isAllowed({ may, types }: Law, { of, typeOnly }: Import): boolean {
  return [...may, ...(typeOnly ? types : [])].some((pattern) => pattern.test(of));
}

/**
 * The folders that each folder needs. What a folder has in common with one inside it is its own
 * affair, but in reconcilers/, whose rooms are the layers.
 */
function foldersNeeded(): ReadonlyMap<string, ReadonlySet<string>> {
  const needs = new Map<string, Set<string>>();
  for (const { file, imports } of SOURCES) {
    const from = path.posix.dirname(file);
    for (const { of } of imports) {
      const to = path.posix.dirname(of);
      if (!of.endsWith('.ts') || to === from || isAtHome(from, to)) continue;
      needs.set(from, (needs.get(from) ?? new Set()).add(to));
    }
  }
  return needs;
}

function isAtHome(one: string, other: string): boolean {
  const nested = one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
  return nested && !one.startsWith('reconcilers');
}

function reachable(needs: ReadonlyMap<string, ReadonlySet<string>>, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [...(needs.get(from) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(needs.get(next) ?? []));
  }
  return found;
}

const tell = (file: string, { of, typeOnly }: Import) =>
  `${file} imports ${typeOnly ? 'types of ' : ''}${of}`;

function sourcesIn(folder: string): readonly SourceFile[] {
  return allFiles(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => {
      const text = readFileSync(path.join(TOP, file), 'utf8');
      return { file, text, imports: importsOf(file, text) };
    });
}

function allFiles(folder: string): readonly string[] {
  return readdirSync(path.join(TOP, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return allFiles(file);
      return entry.isFile() ? [file] : [];
    });
}

function importsOf(file: string, text: string): readonly Import[] {
  const static_ = [...text.matchAll(STATIC)].map(([, type, , exportType, , of = '']) => ({
    of: located(file, of),
    typeOnly: type !== undefined || exportType !== undefined,
  }));
  const dynamic = [...text.matchAll(DYNAMIC)].map(([, awaited, of = '']) => ({
    of: located(file, of),
    typeOnly: awaited === undefined,
  }));
  return [...static_, ...dynamic];
}

function located(file: string, of: string): string {
  return of.startsWith('.') ? path.posix.join(path.posix.dirname(file), of) : of;
}

/** A source without its comments and quoted texts, roughly: enough to search it for words. */
function bare(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}
