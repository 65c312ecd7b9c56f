export * from './clocks.ts';
export { emergencyWords } from './emergency-numbers.ts';
export { type HelpLine, helpFor, helpLines } from './help-lines.ts';
export { composeNotice, type NoticeFacts, noticeSilenceMs, noticeTries } from './notices.ts';
export * from './retention.ts';
export * from './statement.ts';
export {
  type Citation,
  citations,
  clockTexts,
  composeAnswer,
  composeStatement,
  declineTexts,
  type Language,
  needTexts,
  removeTexts,
  type Text,
} from './texts.ts';
export * from './validity.ts';
