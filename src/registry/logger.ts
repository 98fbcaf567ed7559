/**
 * Structural logging: an event name and fields from this closed list, all numbers or codes of ours. Nothing that came from a person can
 * be a field, so no sink has to be trusted to redact. Silent by default.
 */
export interface Logger {
  debug(event: LogEvent, fields: LogFields): void;
  info(event: LogEvent, fields: LogFields): void;
  warn(event: LogEvent, fields: LogFields): void;
  error(event: LogEvent, fields: LogFields): void;
}

export type LogEvent = 'accepted' | 'sorted' | 'published' | 'maintained' | 'quarantined' | 'conflict';

export interface LogFields {
  readonly count?: number;
  readonly waiting?: number;
  readonly batch?: number;
  readonly held?: number;
}

const nothing = (): void => undefined;
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
