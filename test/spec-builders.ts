/** Specs with defaults, so that a test names only what it is about. */
import type {
  DatasetSpec,
  FailureRule,
  LimitsSpec,
  MoverSpec,
  OutputSpec,
  RetrySpec,
  SiteSpec,
} from '../specs/types.ts';

export const RETRY: RetrySpec = { attempts: 5, firstSeconds: 60, longestSeconds: 3600 };

/** `RETRY` in every phase. */
export const RETRIES: DatasetSpec['retry'] = {
  transfer: RETRY,
  verify: RETRY,
  process: RETRY,
  publish: RETRY,
  export: RETRY,
  archive: RETRY,
};

export function someLimits(fields: Partial<LimitsSpec> = {}): LimitsSpec {
  return {
    transfers: 50,
    jobs: 100,
    scouts: 0,
    maxFailedSharePpm: 1_000_000,
    budgets: { delete: 10, quarantine: 20, cancel: 30 },
    ...fields,
  };
}

export function anOutputSpec(fields: Partial<OutputSpec> = {}): OutputSpec {
  return {
    key: 'dst',
    dataTier: 'reconstructed',
    name: '{stem}.dst',
    store: 'disk',
    path: 'dst',
    metadata: null,
    eventsWritten: { by: 'report' },
    policy: { kind: 'equal' },
    declare: 'never',
    export: null,
    ...fields,
  };
}

export function aMover(fields: Partial<MoverSpec> = {}): MoverSpec {
  return {
    from: 'fnal',
    to: 'disk',
    driver: 'copy',
    path: '',
    filesPerSubmission: 50,
    options: {},
    ...fields,
  };
}

export function aSite(fields: Partial<SiteSpec> = {}): SiteSpec {
  return {
    name: 'here',
    spool: { path: '/spool', keepFreeBytes: 0 },
    stores: {},
    movers: [],
    batch: { driver: 'local', maxQueued: 1000, options: {} },
    catalog: { driver: 'embedded', timeoutSeconds: 60, manifests: [], definitions: {}, options: {} },
    unknownAfterSeconds: 86_400,
    embeddedDatabase: false,
    ...fields,
  };
}

export function aSpec(fields: Partial<DatasetSpec> = {}): DatasetSpec {
  return {
    name: 'p17',
    labels: {},
    site: 'here',
    requestId: 4711,
    input: {
      source: { kind: 'definition', definition: 'raw-all' },
      dataTier: 'raw',
      store: 'disk',
      path: 'raw/{run}',
      runs: { include: [], exclude: [] },
      run: { pattern: null },
      refreshSeconds: null,
      settleForSeconds: 0,
      eventCount: { by: 'catalog' },
      eventCountMissing: 'hold',
      afterDone: 'keep',
    },
    job: {
      type: 'd0reco',
      application: { family: 'reconstruction', name: 'd0reco', version: 'v1' },
      command: './reco.sh {input} {output.dst}',
      macro: null,
      filesPerJob: 1,
      awkChecksumUpToBytes: 200_000_000,
      resources: { cpuTimeSeconds: null, walltimeSeconds: null, memoryBytes: null, scratchBytes: null },
      options: {},
      environment: {},
      eventsRead: { by: 'report' },
      failures: [],
    },
    outputs: [anOutputSpec()],
    archive: null,
    retry: RETRIES,
    limits: someLimits(),
    onChange: 'keep',
    suspend: false,
    ...fields,
  };
}

/** A rule of a spec that looks at nothing but what is named. */
export function aRule(fields: Partial<FailureRule>): FailureRule {
  return {
    exitCode: null,
    signal: null,
    log: null,
    batchState: null,
    class: 'unknown',
    system: null,
    ...fields,
  };
}
