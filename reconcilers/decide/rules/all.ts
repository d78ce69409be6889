import type { Phase } from '../../../machines/model.ts';
import type { PhaseRules } from '../change/phase-rules.ts';
import { archiveRules } from './archive.ts';
import { exportRules } from './export.ts';
import { processRules } from './process.ts';
import { publishRules } from './publish.ts';
import { transferRules } from './transfer.ts';
import { verifyRules } from './verify.ts';

/** The rules of every phase. The type demands one entry per phase. */
export const RULES: { readonly [P in Phase]: PhaseRules } = {
  transfer: transferRules,
  verify: verifyRules,
  process: processRules,
  publish: publishRules,
  export: exportRules,
  archive: archiveRules,
};
