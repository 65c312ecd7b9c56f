export * from './back-off.ts';
export { cellsOf, type ListReader, type ListSettings, listReader } from './list.ts';
export * from './merge.ts';
export { type NcmecSettings, ncmec, ncmecEnvironments } from './ncmec.ts';
export { type StopNciiSettings, stopNcii, stopNciiBase } from './stopncii.ts';
export * from './tell.ts';
export { type ThreatExchangeSettings, threatExchange, threatExchangeBase } from './threat-exchange.ts';
export * from './types.ts';
