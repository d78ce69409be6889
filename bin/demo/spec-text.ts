/** Places of the demonstration, relative to its specs. */
export const PLACES = {
  fermilab: '../fermilab',
  hpss: '../hpss',
  tmb: '../tmb',
  far: '../fermilab-incoming',
  manifest: '../catalog/raw.ndjson',
  spool: '../spool',
} as const;

const SITE = `\
# A folder plays each store. Fermilab's are the place files come from, and the one they go back to.
apiVersion: rereco/v1
kind: Site
metadata: {name: demo}
spec:
  spool: {path: ${PLACES.spool}}
  stores:
    hpss: {driver: posix, root: ${PLACES.hpss}}
    tmb: {driver: posix, root: ${PLACES.tmb}}
    fermilab: {driver: posix, root: ${PLACES.fermilab}}
    far: {driver: posix, root: ${PLACES.far}}
  movers:
    - {from: fermilab, to: hpss, driver: copy, filesPerSubmission: 6}
    - {from: tmb, to: far, driver: copy, filesPerSubmission: 12}
  batch: {driver: local}
  catalog:
    driver: embedded
    manifests: [${PLACES.manifest}]
    definitions: {demo-raw: data_tier raw and run 195142-195145}
`;

/**
 * The site and the dataset of the demonstration, as YAML.
 *
 * @param node    absolute path of the program that runs the reconstruction
 * @param marker  absolute path of the file at which one reconstruction dies
 */
export function demoSpecs(node: string, marker: string): string {
  // A JSON string is a YAML string.
  const environment = `{NODE: ${JSON.stringify(node)}, DIES_ONCE: ${JSON.stringify(marker)}}`;
  const retry = '{first: 1s, longest: 5s}';
  return `${SITE}---
apiVersion: rereco/v1
kind: Dataset
metadata: {name: z-mumu}
spec:
  site: demo
  input: {definition: demo-raw, store: hpss, path: "raw/{run}"}
  job:
    type: reconstruct
    application: {family: reconstruction, name: demo, version: v1}
    command: '"$NODE" "$RERECO_SPEC_DIR"/reconstruct.mjs {input} {output.dst} {output.tmb}'
    environment: ${environment}
    failures:
      - {exitCode: 137, class: transient}
  outputs:
    dst:
      {dataTier: reconstructed, name: "reco_{stem}_{version}.dst", store: hpss, path: "dst/{run}",
       metadata: "{name}.meta.json", declare: fileDone}
    tmb:
      {dataTier: thumbnail, name: "reco_{stem}_{version}.tmb", store: tmb, path: "{run}",
       metadata: "{name}.meta.json", export: {to: far, when: datasetDone, with: [metadata], thenDelete: true}}
  archive: {store: hpss, path: "logs/{requestId}"}
  retry:
    transfer: ${retry}
    verify: ${retry}
    process: ${retry}
    publish: ${retry}
    export: ${retry}
    archive: ${retry}
`;
}
