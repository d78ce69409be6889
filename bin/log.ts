/** What a command that stays tells, a line each: JSON for programs, readable on a terminal. Only here is pino. */
import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { MembersReport } from '../reconcilers/daemon/daemon.ts';
import type { PassReport } from '../reconcilers/pass-report.ts';
import { passEvents } from './pass-events.ts';
import { membersLine } from './print/report.ts';
import { oneLine } from './print/shown.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  readonly info: (text: string, fields?: object) => void;
  readonly warn: (text: string, fields?: object) => void;
  /** A person must act. */
  readonly error: (text: string, fields?: object) => void;
  pass(report: PassReport): void;
  members(report: MembersReport): void;
}

/** @param isTerminal  readable, with colours unless NO_COLOR is set; else JSON */
export function openLog(level: LogLevel, isTerminal: boolean): Log {
  const logger = newLogger(level, isTerminal);
  const at = (how: 'info' | 'warn' | 'error') => (text: string, fields?: object) =>
    logger[how](fields, oneLine(text));
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    pass: (report) => logPass(logger, report),
    members: (report) => at(levelOf(report))(membersLine(report), report),
  };
}

/** An answer that is not believed is for a person, one that leaves files out for whoever looks on. */
function levelOf({ held, runless }: MembersReport): 'info' | 'warn' | 'error' {
  if (held !== null) return 'error';
  return runless === null ? 'info' : 'warn';
}

function newLogger(level: LogLevel, isTerminal: boolean): Logger {
  const options = { level, base: null, timestamp: stdTimeFunctions.isoTime };
  if (!isTerminal) return pino({ ...options, formatters: { level: (label) => ({ level: label }) } });
  const colorize = (process.env.NO_COLOR ?? '') === '';
  // The message says it all to people; the fields are for programs.
  return pino(options, pretty({ colorize, sync: true, hideObject: true, translateTime: 'SYS:HH:MM:ss' }));
}

/** What changed, alike things in one line; each step and wait for whoever debugs. */
function logPass(logger: Logger, report: PassReport): void {
  const { dataset, phase } = report;
  for (const { level, text, ...fields } of passEvents(report)) {
    logger[level](fields, oneLine(`${dataset} ${phase}: ${text}`));
  }
  if (!logger.isLevelEnabled('debug')) return;
  for (const { kind, names, because } of report.steps) {
    logger.debug({ dataset, phase, step: kind, files: names, because }, `${dataset} ${phase}: ${kind}`);
  }
  for (const { name, rule, stop } of report.waits) {
    const { code, text: because } = stop;
    logger.debug(
      { dataset, phase, file: name, rule, code, because },
      oneLine(`${dataset} ${phase}: ${name} waits: ${because}`),
    );
  }
}
