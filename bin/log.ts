/** What a command that stays tells, a line each: JSON for programs, readable on a terminal. Only here is pino. */
import { type Logger, pino, stdTimeFunctions } from 'pino';
import pretty from 'pino-pretty';
import type { MembersReport } from '../reconcilers/daemon/daemon.ts';
import type { NewGeneration } from '../reconcilers/daemon/datasets.ts';
import type { PassReport } from '../reconcilers/pass-report.ts';
import { passEvents } from './pass-events.ts';
import { changedFields, generationLine } from './print/generation.ts';
import { membersLine } from './print/report.ts';
import { oneLine } from './print/shown.ts';
import { type StandingTold, standingNews } from './standing-news.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Log {
  readonly info: (text: string, fields?: object) => void;
  readonly warn: (text: string, fields?: object) => void;
  /** A person must act. */
  readonly error: (text: string, fields?: object) => void;
  /** A pass, and where its dataset stands, where that is new. */
  pass(report: PassReport): void;
  generation(generation: NewGeneration): void;
  members(report: MembersReport): void;
}

/** @param isTerminal  readable, with colours unless NO_COLOR is set; else JSON */
export function openLog(level: LogLevel, isTerminal: boolean): Log {
  const logger = newLogger(level, isTerminal);
  const at = (how: 'info' | 'warn' | 'error') => (text: string, fields?: object) =>
    logger[how](fields, oneLine(text));
  const standings = new Map<string, StandingTold>();
  return {
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    pass(report) {
      logPass(logger, report);
      if (report.stood === null) return;
      const { dataset } = report;
      const { news, told } = standingNews(standings.get(dataset), report.stood);
      standings.set(dataset, told);
      if (news !== null)
        at(news.level)(`${dataset}: ${news.text}`, { dataset, kind: news.kind, code: news.code });
    },
    generation(generation) {
      const { name: dataset, generation: number, loaded } = generation.after;
      const { commit, author } = loaded.origin;
      const fields = changedFields(generation);
      const about = { dataset, kind: 'generation', generation: number, fields, commit, author };
      at('info')(generationLine(generation), about);
    },
    members: (report) => at(levelOf(report))(membersLine(report), report),
  };
}

/** An answer that is not believed, or not in all; that it holds the dataset is told with where that stands. */
function levelOf({ held, runless }: MembersReport): 'info' | 'warn' {
  return held === null && runless === null ? 'info' : 'warn';
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
