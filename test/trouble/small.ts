/** Small datasets without a site, for what needs a real command but no whole campaign. */
import { aWorld, type World } from '../campaign/world.ts';

/** So many lines `event N`. */
export function events(count: number): string {
  return Array.from({ length: count }, (_, n) => `event ${String(n + 1).padStart(6, '0')}\n`).join('');
}

/** What a small spec says otherwise; each field is YAML in one line. */
export interface SmallSpec {
  readonly input?: string;
  readonly job?: string;
  readonly output?: string;
  readonly more?: string;
}

/** A spec whose command copies each `raw/*.txt`, unless told otherwise, events being lines. */
export function smallSpec({ input, job, output, more }: SmallSpec = {}): string {
  return `apiVersion: rereco/v1
kind: Dataset
metadata: {name: small}
spec:
  input: {${input ?? 'files: "raw/*.txt", eventCount: {pattern: "^event"}'}}
  job: {${job ?? 'command: "cp {input} {output.dst}"'}, eventsRead: {pattern: "^event"}}
  outputs:
    dst: {name: "{stem}.dst", eventsWritten: {pattern: "^event"}${output === undefined ? '' : `, ${output}`}}
  retry: {verify: {attempts: 2, first: 1s, longest: 1s}, process: {attempts: 1}}
${more ?? ''}`;
}

/** A world with raw files by name, each of so many events, and a small spec. */
export async function aSmallWorld(files: Readonly<Record<string, number>>, spec: string): Promise<World> {
  const world = await aWorld('shared');
  for (const [name, count] of Object.entries(files)) await world.write(`raw/${name}`, events(count));
  await world.write('small.yaml', spec);
  return world;
}
