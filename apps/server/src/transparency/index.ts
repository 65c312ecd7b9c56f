export { databaseStatement } from './statements.ts';
