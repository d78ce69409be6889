/** The DZero shape with real Les Houches files: another spec, and a reconstruction of its own. */
import { bringRealFiles } from './real-data.ts';
import { aWorld, makeRoots, SITE, type World } from './world.ts';

/** Counts particles that leave the collision: a line for each event in the DST, a shorter one in the TMB. */
export const LES_HOUCHES_RECO = `#!/bin/sh
set -eu
awk -v dst="$2" -v tmb="$3" '
  BEGIN { printf "" > dst; printf "" > tmb }
  /^ *<event[ >]/ { inside = 1; header = 1; n = 0; e = 0; next }
  /^ *<\\/event>/ {
    events++
    printf "EVENT %d particles=%d energy=%.3f\\n", events, n, e > dst
    printf "TMB %d %d\\n", events, n > tmb
    inside = 0
    next
  }
  !inside || /^ *#/ || /^ *</ { next }
  header { header = 0; next }
  $2 == 1 { n++; e += $10 }
  END { printf "read %d events\\n", events }
' "$1"
`;

const SPEC = `${SITE.replace('raw-all: "data_tier raw"', 'lhe: "name pylhe-%"')}---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: lhe}
spec:
  site: lyon
  requestId: 4711
  input: {definition: lhe, store: hpss, path: raw}
  job:
    type: d0reco
    application: {family: reconstruction, name: d0reco, version: v1}
    command: ./reco.sh {input} {output.dst} {output.tmb}
    eventsRead: {log: "read ([0-9]+) events"}
    filesPerJob: 3
  outputs:
    dst: {dataTier: reconstructed, name: "reco_{stem}_{version}", store: hpss, path: dst, declare: fileDone, eventsWritten: {pattern: "^EVENT"}}
    tmb: {dataTier: thumbnail, name: "recoT_{stem}_{version}", store: tmb, eventsWritten: {pattern: "^TMB"}, export: {to: far, when: datasetDone, with: [metadata], thenDelete: true}}
  archive: {store: hpss, path: "logs/{requestId}", jobsPerTar: 200}
  retry:
    transfer: {first: 1s, longest: 2s}
    process: {first: 1s, longest: 2s}
    export: {first: 1s, longest: 2s}
`;

/** A world with the real files at the far end; see that there are any first. */
export async function aLesHouchesCampaign(server: 'own' | 'shared'): Promise<World> {
  const world = await aWorld(server);
  await makeRoots(world);
  await bringRealFiles(world, 'lhe', 'fnal', 'raw.ndjson');
  await world.write('campaign.yaml', SPEC);
  await world.write('reco.sh', LES_HOUCHES_RECO, 0o755);
  return world;
}
