export { sendStatements } from './send.ts';
export { databaseStatement } from './statements.ts';
