/** Things that go wrong in a world, and what must be told of them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pidOf } from '../../reconcilers/drivers/process/identity.ts';
import { RECO, type World } from './world.ts';

/** The trouble an input gives its job. */
export type Trouble =
  /** The command dies of SIGKILL. */
  | 'killed'
  /** The command goes on until something ends it, and leaves its submission's name. */
  | 'hangs'
  /** The command writes an event too few, says so, and exits 0. */
  | 'short'
  /** The command reads an event too few, says so, and exits 0. */
  | 'blind';

/**
 * A reconstruction that gives an input's trouble once: `troubles/NAME` holds it and is
 * taken away when it is met, or for good: then it is in `troubles/NAME.always`.
 */
export function troubledReco(world: World): string {
  const before = `set -e
name=$(basename "$1")
troubles='${world.at('troubles')}'
trouble=$(cat "$troubles/$name" "$troubles/$name.always" 2>/dev/null || :)
rm -f "$troubles/$name"
case $trouble in
  killed) kill -KILL $$ ;;
  hangs) echo "$RERECO_SUBMISSION" >"$troubles/$name.hangs"; while :; do sleep 0.2; done ;;
  blind) sed -i '$d' "$1" ;;
esac
`;
  const after = `[ "$trouble" != short ] || sed -i '$d' "$2"\n{\n`;
  // Functions, because a text would have its dollars read.
  return RECO.replace('set -e\n', () => before).replace('{\n', () => after);
}

export async function give(world: World, name: string, trouble: Trouble): Promise<void> {
  await world.write(`troubles/${name}`, trouble);
}

export async function giveForGood(world: World, name: string, trouble: Trouble): Promise<void> {
  await world.write(`troubles/${name}.always`, trouble);
}

/** The processes of a job of the local batch system. */
export interface JobProcesses {
  readonly supervisor: number;
  /** The number of its process group. */
  readonly leader: number;
}

export async function processesOf(world: World, submission: string): Promise<JobProcesses> {
  const record = async (name: string) =>
    JSON.parse(await readFile(path.join(world.at('spool/batch/jobs'), submission, name), 'utf8'));
  const [start, started] = [await record('start.json'), await record('leader.json')];
  return { supervisor: pidOf(start.by), leader: pidOf(started.leader) };
}

/** The class of each file in error, by name; none before there are tables. */
export async function inError(world: World): Promise<ReadonlyMap<string, string>> {
  const [tables] = await world.rows<{ made: boolean }>(
    "SELECT to_regclass('input_states') IS NOT NULL AS made",
  );
  if (!tables?.made) return new Map();
  const rows = await world.rows<{ name: string; class: string }>(
    `SELECT d.name, s.class FROM input_states s JOIN file_details d ON d.id = s.file_id
     WHERE s.state = 'error' ORDER BY d.name`,
  );
  return new Map(rows.map((row) => [row.name, row.class]));
}

/** The waits between two tries are over. */
export async function letTimePass(world: World): Promise<void> {
  await world.rows('UPDATE input_states SET retry_at_ms = 0 WHERE retry_at_ms IS NOT NULL');
  await world.rows('UPDATE output_states SET retry_at_ms = 0 WHERE retry_at_ms IS NOT NULL');
  await world.rows('UPDATE gates SET retry_at_ms = 0');
}

/** Fail unless a file's trouble is told by `why`, and with others alike by `errors`, which said this. */
export async function assertTold(world: World, errors: string, name: string, words: RegExp): Promise<void> {
  const why = await world.rereco('why', name);
  assert.match(inOneLine(why.out), words);
  assert.match(inOneLine(errors), words);
}

/** A text for people without the ends of its lines. */
export function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}
