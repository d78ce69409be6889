import type { Spool } from '../../reconcilers/ports/spool.ts';

/** A spool that keeps nothing but small texts, and counts how often it was made. */
export function aSpoolInMemory(): { readonly spool: Spool; made(): number } {
  const texts = new Map<string, string>();
  let made = 0;
  const nothing = async () => {};
  return {
    made: () => made,
    spool: {
      make: async () => {
        made += 1;
      },
      folder: (name) => `/spool/jobs/${name}`,
      write: nothing,
      read: async (jobs, askedAt) => ({
        askedAt,
        complete: true,
        found: new Map(jobs.map((job) => [job, { report: null, invalid: null, logTail: '' }])),
        unknown: new Map(),
      }),
      discardReports: nothing,
      pack: async () => new Map(),
      packed: async () => undefined,
      drop: nothing,
      freeBytes: async () => undefined,
      scratch: (name) => `/spool/scratch/${name}`,
      makeScratch: nothing,
      removeScratch: nothing,
      readText: async (path) => texts.get(path),
      replaceText: async (path, text) => {
        texts.set(path, text);
      },
    },
  };
}
