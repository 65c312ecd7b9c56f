export { figurePurge, keepFigure } from './figures.ts';
export { sendStatements } from './send.ts';
export { type PublicFigures, publicFigures, type Shown } from './shown.ts';
export { databaseStatement, statementOf } from './statements.ts';
export { type YearlyReport, yearlyReport } from './yearly.ts';
