import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The bot's metrics. Labels never hold ids of people, channels, executions or sessions. */
export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    commands: new Counter({
      name: 'bolt_stackstorm_commands_total',
      help: 'Commands heard, by what became of them',
      labelNames: ['outcome'] as const,
      registers,
    }),
    logins: new Counter({
      name: 'bolt_stackstorm_logins_total',
      help: 'Steps of logins, by outcome code',
      labelNames: ['outcome'] as const,
      registers,
    }),
    results: new Counter({
      name: 'bolt_stackstorm_results_total',
      help: 'Results, by where they came from (announcement, tracker) or why they were dropped',
      labelNames: ['outcome'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'bolt_stackstorm_dead_letters_total',
      help: 'Messages that could not be delivered, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    streamConnected: new Gauge({
      name: 'bolt_stackstorm_stream_connected',
      help: '1 while the StackStorm stream is connected',
      registers,
    }),
    streamReconnects: new Counter({
      name: 'bolt_stackstorm_stream_reconnects_total',
      help: 'Times that the stream was connected again',
      registers,
    }),
    catalogAliases: new Gauge({
      name: 'bolt_stackstorm_catalog_aliases',
      help: 'Aliases in the catalog, by state',
      labelNames: ['state'] as const,
      registers,
    }),
    stackstormRequests: new Histogram({
      name: 'bolt_stackstorm_stackstorm_request_seconds',
      help: 'Requests to StackStorm, by call and outcome',
      labelNames: ['call', 'outcome'] as const,
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 30],
      registers,
    }),
    openExecutions: new Gauge({
      name: 'bolt_stackstorm_open_executions',
      help: 'Executions of ours that have not ended, or whose result is not posted',
      registers,
    }),
  };
}

/** Adds what the process itself is doing (CPU, memory, event loop lag, garbage collection). Once a process. */
export function observeProcess({ registry }: Pick<Metrics, 'registry'>): void {
  collectDefaultMetrics({ register: registry });
}
