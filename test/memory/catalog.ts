import {
  definitionCondition,
  queryCondition,
} from '../../reconcilers/drivers/catalog/embedded/definitions.ts';
import { isOf } from '../../reconcilers/drivers/catalog/embedded/is-of.ts';
import type { Catalog, CatalogFile, Declaration } from '../../reconcilers/ports/catalog.ts';
import { DriverError } from '../../reconcilers/ports/errors.ts';
import type { Outcome } from '../../reconcilers/ports/seen.ts';

export interface CatalogContents {
  readonly files: readonly CatalogFile[];
  readonly definitions: Readonly<Record<string, string>>;
}

/** A catalog in memory, its contents, and the switches of its failures. */
export interface MemoryCatalog {
  readonly catalog: Catalog;
  /** What it holds now, by name; change it to play the world. */
  readonly files: Map<string, CatalogFile>;
  /** What was declared, as it was declared. */
  readonly declarations: Map<string, Declaration>;
  /** Every call fails with `unavailable` until `comeBack`. */
  goDown(): void;
  comeBack(): void;
  /** Every answer breaks off in the middle until `comeBack`. */
  cutAnswersInHalf(): void;
}

const DONE: Outcome = { ok: true };
const PAGE_FILES = 1_000;

const refused = (code: 'conflict' | 'absent', message: string): Outcome => ({ ok: false, code, message });

const key = (file: Pick<CatalogFile, 'sizeBytes' | 'checksums' | 'parents'>): string =>
  JSON.stringify([file.sizeBytes, [...file.checksums].sort(), [...file.parents].sort()]);

function declared(file: Declaration): CatalogFile {
  const { application: _application, metadata: _metadata, ...described } = file;
  return { ...described, locations: [] };
}

/** A catalog without a world around it, as the reconcilers' tests need it. */
export function memoryCatalog(contents: Partial<CatalogContents> = {}): MemoryCatalog {
  const files = new Map((contents.files ?? []).map((file) => [file.name, file]));
  const declarations = new Map<string, Declaration>();
  const definitions = contents.definitions ?? {};
  const world = { down: false, cut: false };

  function answer(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (world.down) throw new DriverError('unavailable', 'memory catalog: it is down');
  }

  async function* members(
    question: Parameters<Catalog['members']>[0],
    signal: AbortSignal,
  ): AsyncIterable<readonly CatalogFile[]> {
    answer(signal);
    const condition =
      'definition' in question
        ? definitionCondition(question.definition, definitions)
        : queryCondition(question.query, definitions);
    const all = [...files.values()].filter((file) => isOf(condition, file));
    const end = world.cut ? Math.floor(all.length / 2) : all.length;
    for (let at = 0; at < end; at += PAGE_FILES) {
      answer(signal);
      yield all.slice(at, Math.min(at + PAGE_FILES, end));
    }
    if (world.cut) throw new DriverError('unavailable', 'memory catalog: the answer broke off');
  }

  function declare(file: Declaration): Outcome {
    const here = files.get(file.name);
    if (here) return key(here) === key(file) ? DONE : refused('conflict', 'it is there, and not alike');
    files.set(file.name, declared(file));
    declarations.set(file.name, file);
    return DONE;
  }

  function addLocation({ name, location }: { readonly name: string; readonly location: string }): Outcome {
    const file = files.get(name);
    if (!file) return refused('absent', 'not in the catalog; declare it first');
    files.set(name, { ...file, locations: [...new Set([...file.locations, location])] });
    return DONE;
  }

  function retract(name: string): Outcome {
    const file = files.get(name);
    if (!file) return DONE;
    if (!declarations.has(name) || file.locations.length > 0) return refused('conflict', 'it stays');
    files.delete(name);
    declarations.delete(name);
    return DONE;
  }

  /** The outcomes of one kind of change; a later refusal stands before an earlier success. */
  async function changed<T>(
    things: readonly T[],
    signal: AbortSignal,
    change: (thing: T) => [string, Outcome],
  ) {
    answer(signal);
    const outcomes = new Map<string, Outcome>();
    for (const [name, outcome] of things.map(change)) {
      if (outcomes.get(name)?.ok !== false) outcomes.set(name, outcome);
    }
    if (world.cut) throw new DriverError('unavailable', 'memory catalog: the answer broke off');
    return outcomes;
  }

  return {
    files,
    declarations,
    catalog: {
      driver: 'memory',
      callTimeoutMs: 1_000,
      namesPerCall: 100,
      members,
      async describe(names, askedAt, signal) {
        answer(signal);
        const asked = world.cut ? names.slice(0, Math.floor(names.length / 2)) : names;
        const found = new Map(
          asked.flatMap((name) => {
            const file = files.get(name);
            return file ? [[name, file] as const] : [];
          }),
        );
        return { askedAt, complete: !world.cut, found, unknown: new Map() };
      },
      declare: (all, signal) => changed(all, signal, (file) => [file.name, declare(file)]),
      addLocations: (all, signal) => changed(all, signal, (one) => [one.name, addLocation(one)]),
      retract: (names, signal) => changed(names, signal, (name) => [name, retract(name)]),
    },
    goDown: () => {
      world.down = true;
    },
    comeBack: () => {
      world.down = false;
      world.cut = false;
    },
    cutAnswersInHalf: () => {
      world.cut = true;
    },
  };
}
