import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobTraces } from '../../ports/spool.ts';
import { saysAbsent } from '../store/faults.ts';
import { DISCARDED, reportName, stderrName, stdoutName } from './names.ts';
import { type ReadReport, readReport } from './report.ts';

const LOG_TAIL_BYTES = 64 * 1024;

/** A report holds texts of a few outputs: one that is larger was not written by our script. */
const REPORT_BYTES = 32 * 1024 * 1024;

/**
 * What is left of one job in its submission's folder; nothing at all when there
 * is no such folder.
 *
 * @throws the system's own error when the folder or a file cannot be read
 */
export async function readTraces(folder: string, submission: string, index: number): Promise<JobTraces> {
  const names = await namesIn(folder);
  const report =
    names.has(DISCARDED) || !names.has(reportName(index)) ? undefined : await reportIn(folder, index);
  const logTail = await logTailIn(folder, names, index);

  if (!report) return { report: null, invalid: null, logTail };
  if ('invalid' in report) return { report: null, invalid: report.invalid, logTail };
  const { report: found } = report;
  if (found.submission === submission && found.index === index) {
    return { report: found, invalid: null, logTail };
  }
  const invalid = `it is the report of ${found.submission}:${found.index}`;
  return { report: null, invalid, logTail };
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set(await readdir(folder));
  } catch (error) {
    if (saysAbsent(error)) return new Set();
    throw error;
  }
}

async function reportIn(folder: string, index: number): Promise<ReadReport> {
  const file = join(folder, reportName(index));
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    if (size > REPORT_BYTES) return { invalid: `it has ${size} bytes` };
    return readReport(await readFile(handle, 'utf8'));
  } finally {
    await handle.close();
  }
}

async function logTailIn(folder: string, names: ReadonlySet<string>, index: number): Promise<string> {
  const logs = [stdoutName(index), stderrName(index)].filter((name) => names.has(name));
  const ends = await Promise.all(logs.map((name) => tailOf(join(folder, name))));
  // What went wrong stands in the second; a short one leaves its share to the first.
  const [output = Buffer.alloc(0), errors = Buffer.alloc(0)] = ends;
  const errorBytes = Math.max(LOG_TAIL_BYTES / 2, LOG_TAIL_BYTES - output.length);
  const errorTail = errors.subarray(Math.max(0, errors.length - errorBytes));
  const outputTail = output.subarray(Math.max(0, output.length - (LOG_TAIL_BYTES - errorTail.length)));
  return outputTail.toString('utf8') + errorTail.toString('utf8');
}

async function tailOf(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, LOG_TAIL_BYTES));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
