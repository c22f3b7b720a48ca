import type { Logger as PinoLogger } from 'pino';

/** Logs at no level hold chat text, parameters, names typed, credentials, secrets or link keys (S1, S8). */
export type Logger = PinoLogger;
