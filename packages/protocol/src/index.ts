export type { Body, Params, Parsed, Query, Reply, Shapes } from './contract.ts';
export { contract } from './contract.ts';
export { type ErrorBody, type ErrorCode, errorStatus } from './errors.ts';
export { limits, mediaLimits } from './limits.ts';
export { pseudonym } from './primitives.ts';
export { type Access, type Route, type RouteName, routes, sessionCookie, socketPath } from './routes.ts';
export { depictions, pictureModes, reportReasons, seekings, spokenLanguages } from './words.ts';
