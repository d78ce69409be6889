/** The steps that are taken for a file in processing. */
import type { InputRow, OutputRow } from '../../model/rows.ts';
import { type Decision, expectedBytes } from '../../model/steps.ts';
import { look, type World } from '../../model/world.ts';
import type { FollowedView } from '../facts/process-view.ts';

/** What a promotion needs to know of an output. */
export type Promotable = Pick<
  OutputRow,
  'key' | 'name' | 'store' | 'path' | 'attemptPath' | 'sizeBytes' | 'checksum'
>;

/** Give an accepted output its final name. */
export function promotion({ input, live }: FollowedView, output: Promotable): Decision {
  return {
    do: 'step',
    step: {
      kind: 'promote',
      phase: 'process',
      names: [output.name],
      because: `${live.submission.name} passed every check`,
      bytes: output.sizeBytes,
      of: 'output',
      fileId: input.id,
      outputKey: output.key,
      store: output.store,
      from: output.attemptPath,
      to: output.path,
      expected: expectedBytes(output),
      companion: null,
    },
  };
}

/** Cancel the submission of a live attempt. */
export function cancellation({ live }: FollowedView, because: string): Decision {
  const { name } = live.submission;
  return {
    do: 'step',
    step: { kind: 'cancel', phase: 'process', names: [name], because, bytes: 0, submission: name },
  };
}

/** Put aside what lies under the final name of an output that is lost: it would block the next attempt. */
export function lostOutputAside(output: OutputRow, input: InputRow, seen: World): readonly Decision[] {
  const copy = look(seen.stats.get(output.store), output.path, output.actedMs);
  if (copy.is !== 'present') return [];
  return [
    {
      do: 'step',
      step: {
        kind: 'quarantine',
        phase: 'process',
        names: [output.name],
        because: `not the accepted bytes of ${input.name}`,
        bytes: copy.value.sizeBytes,
        store: output.store,
        path: output.path,
        fileId: null,
        submission: null,
        number: null,
      },
    },
  ];
}
