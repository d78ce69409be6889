import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { formatProblem } from '../../specs/errors.ts';
import { loadSpecs } from '../../specs/load.ts';
import type { LoadedSpecs } from '../../specs/types.ts';

/** A folder of spec files that a test makes and drops. */
export interface SpecFolder {
  /** Absolute, without links. */
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
  /** Load paths of the folder, all of it by default. */
  readonly load: (...names: readonly string[]) => Promise<LoadedSpecs>;
  /** The problems of a load, one line each, files relative to the folder. */
  readonly lines: (...names: readonly string[]) => Promise<readonly string[]>;
  readonly drop: () => Promise<void>;
}

/** Make an empty folder that every user can enter. */
export async function specFolder(files: Readonly<Record<string, string>> = {}): Promise<SpecFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'rereco-specs-')));
  await chmod(path, 0o755);
  const write = async (name: string, content: string | Uint8Array) => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  for (const [name, content] of Object.entries(files)) await write(name, content);
  const load = (...names: readonly string[]) =>
    loadSpecs(names.length === 0 ? [path] : names.map((name) => join(path, name)), {
      stateDir: join(path, '.state'),
    });
  return {
    path,
    write,
    load,
    lines: async (...names) =>
      (await load(...names)).problems.map((problem) =>
        formatProblem(problem, path).replaceAll(`${path}/`, ''),
      ),
    drop: () => rm(path, { recursive: true, force: true }),
  };
}

/** A dataset with nothing wrong; parts of its spec can be replaced by other YAML in one line. */
export function aDataset(parts: Readonly<Record<string, string>> = {}, name = 'good'): string {
  const spec = {
    input: '{files: "raw/*.lhe"}',
    job: '{command: "reco {input}"}',
    outputs: '{dst: {path: "{dataset}"}}',
    ...parts,
  };
  const lines = Object.entries(spec).map(([field, yaml]) => `  ${field}: ${yaml}`);
  return ['apiVersion: rereco/v1', 'kind: Dataset', `metadata: {name: ${name}}`, 'spec:', ...lines, ''].join(
    '\n',
  );
}

/** A site with nothing wrong, likewise. */
export function aSite(parts: Readonly<Record<string, string>> = {}, name = 'farm'): string {
  const spec = { stores: '{disk: {driver: posix, root: disk}, far: {driver: posix, root: far}}', ...parts };
  const lines = Object.entries(spec).map(([field, yaml]) => `  ${field}: ${yaml}`);
  return ['apiVersion: rereco/v1', 'kind: Site', `metadata: {name: ${name}}`, 'spec:', ...lines, ''].join(
    '\n',
  );
}
