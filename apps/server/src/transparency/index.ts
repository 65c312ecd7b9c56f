export { sendStatements } from './send.ts';
export { databaseStatement, statementOf } from './statements.ts';
